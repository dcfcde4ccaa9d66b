//! The strings as the sources have them, read from their tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// One call of `tr!`, `trc!` or `trn!`.
pub(super) struct Call {
    /// Where it is, from the root of the sources.
    pub(super) file: String,
    pub(super) context: String,
    pub(super) english: String,
    pub(super) plural: Option<String>,
    /// The names of what is put in.
    pub(super) names: BTreeSet<String>,
}

/// Lists every call, file by file and in each from the top.
pub(super) fn calls() -> Vec<Call> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    list(&root.join("src"), &mut files);
    files.sort();
    let mut calls = Vec::new();
    for file in files {
        let tokens: TokenStream = fs::read_to_string(&file).unwrap().parse().unwrap();
        let name = format!("appliance/{}", file.strip_prefix(root).unwrap().display());
        find(tokens, &name, &mut calls);
    }
    calls
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            list(&path, files);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            files.push(path);
        }
    }
}

fn find(tokens: TokenStream, file: &str, calls: &mut Vec<Call>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        // What tests say is nothing that a kiosk says.
        if group.delimiter() == Delimiter::Brace && is_tests(&tokens[..at]) {
            continue;
        }
        if let Some(call) = call(&tokens[..at], group.stream(), file) {
            calls.push(call);
        }
        find(group.stream(), file, calls);
    }
}

fn is_tests(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Ident(is_mod), TokenTree::Ident(name)] if is_mod == "mod" && name == "tests")
}

fn call(before: &[TokenTree], arguments: TokenStream, file: &str) -> Option<Call> {
    let [.., TokenTree::Ident(name), TokenTree::Punct(mark)] = before else { return None };
    let name = name.to_string();
    if mark.as_char() != '!' || !["tr", "trc", "trn"].contains(&name.as_str()) {
        return None;
    }
    let arguments: Vec<TokenTree> = arguments.into_iter().collect();
    // The macros' own rules.
    if matches!(arguments.first(), Some(TokenTree::Punct(_))) {
        return None;
    }
    let parts: Vec<&[TokenTree]> =
        arguments.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')).collect();
    let text = |at: usize| syn::parse_str::<syn::LitStr>(&parts[at][0].to_string()).unwrap().value();
    let (context, english, plural, rest) = match name.as_str() {
        "tr" => (String::new(), text(1), None, 2),
        "trc" => (text(1), text(2), None, 3),
        _ => (String::new(), text(2), Some(text(3)), 4),
    };
    let mut names: BTreeSet<String> = parts[rest..].iter().filter_map(|part| part.first()).map(ToString::to_string).collect();
    if plural.is_some() {
        names.insert("count".to_owned());
    }
    Some(Call { file: file.to_owned(), context, english, plural, names })
}
