//! One case of a vector file, which fails when one of its fields was not read.

use serde_json::{Map, Value};
use std::{cell::RefCell, collections::BTreeSet, path::PathBuf};

/// Names the folder of the vectors.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Reads the cases of one file.
pub(crate) fn read(file: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join(file).with_extension("json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    cases.into_iter().enumerate().map(|(number, value)| Case::new(format!("{file}[{number}]"), value)).collect()
}

/// A JSON object that remembers which of its fields were read; dropping it checks that all were.
pub(crate) struct Case {
    name: String,
    fields: Map<String, Value>,
    read: RefCell<BTreeSet<String>>,
}

impl Case {
    fn new(name: String, value: Value) -> Self {
        let Value::Object(fields) = value else { panic!("{name} is not an object") };
        Self { name, fields, read: RefCell::default() }
    }

    /// Lends the case's name, for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn value(&self, field: &str) -> &Value {
        self.read.borrow_mut().insert(field.to_owned());
        self.fields.get(field).unwrap_or_else(|| panic!("{} has no {field}", self.name))
    }

    /// Gives the error that the case names, and spares it the check that its fields were read.
    pub(crate) fn error(&self) -> Option<String> {
        self.read.borrow_mut().extend(self.fields.keys().cloned());
        self.fields.get("error").and_then(Value::as_str).map(str::to_owned)
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.value(field).as_str().unwrap_or_else(|| panic!("{}: {field} is no text", self.name))
    }

    pub(crate) fn flag(&self, field: &str) -> bool {
        self.value(field).as_bool().unwrap_or_else(|| panic!("{}: {field} is neither true nor false", self.name))
    }

    pub(crate) fn number<T: TryFrom<u64>>(&self, field: &str) -> T {
        let number = self.value(field).as_u64().and_then(|number| T::try_from(number).ok());
        number.unwrap_or_else(|| panic!("{}: {field} is not such a number", self.name))
    }

    /// Reads bytes: hex, or an array of pieces, each of them hex or `{"repeat": hex, "times": number}`.
    pub(crate) fn bytes(&self, field: &str) -> Vec<u8> {
        match self.value(field) {
            Value::Array(pieces) => pieces.iter().flat_map(|piece| self.piece(piece)).collect(),
            piece => self.piece(piece),
        }
    }

    pub(crate) fn array<const N: usize>(&self, field: &str) -> [u8; N] {
        let bytes = self.bytes(field);
        bytes.try_into().unwrap_or_else(|_| panic!("{}: {field} has not {N} bytes", self.name))
    }

    /// Reads hex, or null where there is none.
    pub(crate) fn optional<const N: usize>(&self, field: &str) -> Option<[u8; N]> {
        (!self.value(field).is_null()).then(|| self.array(field))
    }

    /// Reads a number, or null where there is none.
    pub(crate) fn optional_number<T: TryFrom<u64>>(&self, field: &str) -> Option<T> {
        (!self.value(field).is_null()).then(|| self.number(field))
    }

    /// Reads bytes of any number, or null where there are none.
    pub(crate) fn optional_bytes(&self, field: &str) -> Option<Vec<u8>> {
        (!self.value(field).is_null()).then(|| self.bytes(field))
    }

    /// Reads an array of hex.
    pub(crate) fn list_of_bytes(&self, field: &str) -> Vec<Vec<u8>> {
        self.values(field).iter().map(|piece| self.piece(piece)).collect()
    }

    pub(crate) fn list_of_text(&self, field: &str) -> Vec<String> {
        self.values(field).iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn list_of_numbers(&self, field: &str) -> Vec<u64> {
        self.values(field).iter().map(|number| number.as_u64().unwrap()).collect()
    }

    /// Reads an object within this one.
    pub(crate) fn inner(&self, field: &str) -> Case {
        Case::new(format!("{}.{field}", self.name), self.value(field).clone())
    }

    /// Reads an array of objects.
    pub(crate) fn list(&self, field: &str) -> Vec<Case> {
        let values = self.values(field).iter().enumerate();
        values.map(|(number, value)| Case::new(format!("{}.{field}[{number}]", self.name), value.clone())).collect()
    }

    fn values(&self, field: &str) -> &[Value] {
        self.value(field).as_array().unwrap_or_else(|| panic!("{}: {field} is no array", self.name))
    }

    fn piece(&self, piece: &Value) -> Vec<u8> {
        match piece {
            Value::String(hex) => unhex(hex).unwrap_or_else(|| panic!("{}: {hex} is not hex", self.name)),
            Value::Object(repeated) => {
                let times = repeated["times"].as_u64().and_then(|times| usize::try_from(times).ok()).unwrap();
                self.piece(&repeated["repeat"]).repeat(times)
            }
            _ => panic!("{}: neither hex nor a repetition", self.name),
        }
    }
}

impl Drop for Case {
    fn drop(&mut self) {
        let unread: Vec<_> = self.fields.keys().filter(|field| !self.read.borrow().contains(*field)).collect();
        assert!(std::thread::panicking() || unread.is_empty(), "{}: nothing read {unread:?}", self.name);
    }
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        hex.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}
