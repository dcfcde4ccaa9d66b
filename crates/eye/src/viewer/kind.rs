//! Tells by the first bytes what a record is.

/// Says what a record is that cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A PDF document.
    Pdf,
    /// A compressed archive, or an office document, which is one.
    Archive,
    /// A picture of another format, or a film.
    OtherPicture,
    /// An age file: the record was encrypted twice.
    Encrypted,
    /// Neither text in UTF-8 nor anything above.
    Unknown,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pdf => "a PDF document",
            Self::Archive => "a compressed archive or an office document",
            Self::OtherPicture => "a picture that is neither PNG nor JPEG",
            Self::Encrypted => "an age file, encrypted once more",
            Self::Unknown => "neither text in UTF-8, JSON, PNG nor JPEG",
        })
    }
}

/// What a record is, with its text where it is text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    Png,
    Jpeg,
    Text(&'a str),
    Other(Kind),
}

/// What begins like this is nothing else, though some of it could be read as text.
const BEGINNINGS: [(&[u8], Found<'static>); 14] = [
    (b"\x89PNG\r\n\x1a\n", Found::Png),
    (b"\xff\xd8\xff", Found::Jpeg),
    (b"%PDF-", Found::Other(Kind::Pdf)),
    (b"PK\x03\x04", Found::Other(Kind::Archive)),
    (b"PK\x05\x06", Found::Other(Kind::Archive)),
    (b"\x1f\x8b", Found::Other(Kind::Archive)),
    (b"7z\xbc\xaf\x27\x1c", Found::Other(Kind::Archive)),
    (b"\xfd7zXZ\0", Found::Other(Kind::Archive)),
    (b"\x28\xb5\x2f\xfd", Found::Other(Kind::Archive)),
    (b"GIF87a", Found::Other(Kind::OtherPicture)),
    (b"GIF89a", Found::Other(Kind::OtherPicture)),
    (b"II*\0", Found::Other(Kind::OtherPicture)),
    (b"MM\0*", Found::Other(Kind::OtherPicture)),
    (b"age-encryption.org/v1\n", Found::Other(Kind::Encrypted)),
];

/// Looks at a record's bytes.
pub(super) fn found(content: &[u8]) -> Found<'_> {
    if let Some((_, found)) = BEGINNINGS.into_iter().find(|(beginning, _)| content.starts_with(beginning)) {
        return found;
    }
    match std::str::from_utf8(content) {
        // A NUL is in no text, but in UTF-16 and in many a binary file.
        Ok(text) if !text.contains('\0') => Found::Text(text),
        _ if in_a_container(content) => Found::Other(Kind::OtherPicture),
        _ => Found::Other(Kind::Unknown),
    }
}

/// Tells a WebP, a BMP, a HEIC or another picture whose name stands further on or is short.
fn in_a_container(content: &[u8]) -> bool {
    let at = |at: usize, name: &[u8]| content.get(at..).is_some_and(|rest| rest.starts_with(name));
    (at(0, b"RIFF") && at(8, b"WEBP")) || at(0, b"BM") || at(4, b"ftyp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_told_by_the_content() {
        for (content, kind) in [
            (&b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"[..], Kind::Pdf),
            (b"%PDF-1.4 of nothing but ASCII", Kind::Pdf),
            (b"PK\x03\x04\x14\0\x06\0", Kind::Archive),
            (b"GIF89a\x01\0\x01\0", Kind::OtherPicture),
            (b"RIFF\x32\0\0\0WEBPVP8 ", Kind::OtherPicture),
            (b"\0\0\0\x1cftypheic\0\0\0\0", Kind::OtherPicture),
            (b"BM\x36\0\x0c\0", Kind::OtherPicture),
            (b"age-encryption.org/v1\n-> X25519 abc\n", Kind::Encrypted),
            (b"\x7fELF\x02\x01\x01\0", Kind::Unknown),
            (b"\xff\xfeM\0a\0r\0t\0i\0n\0", Kind::Unknown),
            (b"M\0a\0r\0t\0i\0n\0", Kind::Unknown),
            (b"Dur\xe9e (Latin-1)", Kind::Unknown),
        ] {
            assert_eq!(found(content), Found::Other(kind), "{content:?}");
        }
        assert_eq!(found(b"BMW 320 PK RIFF"), Found::Text("BMW 320 PK RIFF"));
        assert_eq!(found(b"\xff\xd8\xff\xe0"), Found::Jpeg);
    }
}
