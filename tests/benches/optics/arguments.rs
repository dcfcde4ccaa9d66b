//! The command line: words, each `--name` followed by its value.

pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn of(words: &[String]) -> Self {
        Self(words.to_vec())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|word| word.strip_prefix("--") == Some(name))?;
        self.0.get(at + 1).map(String::as_str)
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name).map(|text| text.parse().expect("a number"))
    }
}
