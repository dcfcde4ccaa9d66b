//! ELF files small enough to be written by hand, for the tests.

#![allow(dead_code, reason = "each test uses some of it")]

const SIGNATURE: &[u8] = b"~Module signature appended~\n";

/// Writes a kernel module that says this in its `.modinfo` and names these symbols.
pub(crate) fn module(modinfo: &[&str], symbols: &[&str]) -> Vec<u8> {
    let texts = |texts: &[&str]| -> Vec<u8> {
        let mut bytes = vec![0];
        texts.iter().for_each(|text| bytes.extend([text.as_bytes(), &[0]].concat()));
        bytes
    };
    let mut bytes = elf(1, &[(".modinfo", texts(modinfo)), (".strtab", texts(symbols))], None);
    bytes.extend(b"signature");
    bytes.extend(SIGNATURE);
    bytes
}

/// Writes a program for arm64 that holds these words; with an interpreter it is not static.
pub(crate) fn program(words: &str, interpreter: bool) -> Vec<u8> {
    elf(2, &[(".rodata", words.as_bytes().to_vec())], Some(if interpreter { 3 } else { 1 }))
}

fn elf(kind: u16, sections: &[(&str, Vec<u8>)], segment: Option<u32>) -> Vec<u8> {
    let (mut names, mut contents, mut headers) = (vec![0], Vec::new(), vec![0; 64]);
    let program_headers = if segment.is_some() { 56 } else { 0 };
    let mut add = |name: &str, content: Option<&[u8]>, names: &mut Vec<u8>| {
        let at = names.len() as u32;
        names.extend([name.as_bytes(), &[0]].concat());
        let content = content.map_or_else(|| names.clone(), <[u8]>::to_vec);
        let offset = (64 + program_headers + contents.len()) as u64;
        headers.extend(at.to_le_bytes());
        headers.extend([0; 20]);
        headers.extend(offset.to_le_bytes());
        headers.extend((content.len() as u64).to_le_bytes());
        headers.extend([0; 24]);
        contents.extend(content);
    };
    for (name, content) in sections {
        add(name, Some(content), &mut names);
    }
    add(".shstrtab", None, &mut names);
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend(kind.to_le_bytes());
    bytes.extend(183_u16.to_le_bytes());
    bytes.extend([0; 12]);
    bytes.extend(64_u64.to_le_bytes());
    bytes.extend(((64 + program_headers + contents.len()) as u64).to_le_bytes());
    bytes.extend([0; 6]);
    let count = sections.len() as u16 + 2;
    for number in [56, u16::from(segment.is_some()), 64, count, count - 1] {
        bytes.extend(number.to_le_bytes());
    }
    if let Some(segment) = segment {
        bytes.extend(segment.to_le_bytes());
        bytes.extend([0; 52]);
    }
    bytes.extend(contents);
    bytes.extend(headers);
    bytes
}
