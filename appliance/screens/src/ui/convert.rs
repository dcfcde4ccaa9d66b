//! What Rust has, as Slint wants it.

use super::generated as g;
use crate::{
    Fate, Hint, Kind,
    arrange::{Placed, Row, Tone},
    keys::{Board, Key, Layout},
};
use cloison_optics::Luma;
use slint::{Image, ModelRc, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel};

pub(super) fn model<T: Clone + 'static>(items: impl IntoIterator<Item = T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from(items.into_iter().collect::<Vec<T>>()))
}

pub(super) fn index(at: usize) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX)
}

pub(super) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn kind(kind: Kind) -> g::Kind {
    match kind {
        Kind::Home => g::Kind::Home,
        Kind::Message => g::Kind::Message,
        Kind::Compare => g::Kind::Compare,
        Kind::Form => g::Kind::Form,
        Kind::Date => g::Kind::Date,
        Kind::Plan => g::Kind::Plan,
        Kind::RollCall => g::Kind::RollCall,
        Kind::Dice => g::Kind::Dice,
        Kind::Passphrase => g::Kind::Passphrase,
        Kind::Card => g::Kind::Card,
        Kind::ReadBack => g::Kind::ReadBack,
        Kind::Present => g::Kind::Present,
        Kind::Check => g::Kind::Check,
        Kind::Scan => g::Kind::Scan,
        Kind::Show => g::Kind::Show,
        Kind::Review => g::Kind::Review,
        Kind::Emergencies => g::Kind::Emergencies,
        Kind::Record => g::Kind::Record,
        Kind::Desk => g::Kind::Desk,
        Kind::Manage => g::Kind::Manage,
        Kind::Choose => g::Kind::Choose,
    }
}

pub(super) fn button(placed: &Placed) -> g::ButtonItem {
    g::ButtonItem {
        at: index(placed.at),
        label: placed.label.as_str().into(),
        tone: match placed.tone {
            Tone::Plain => g::Tone::Plain,
            Tone::Primary => g::Tone::Primary,
            Tone::Danger => g::Tone::Danger,
        },
        hold: placed.hold,
        gated: placed.gated,
    }
}

pub(super) fn row(row: &Row) -> g::ButtonRow {
    g::ButtonRow { buttons: model(row.buttons.iter().map(button)), lines: index(row.lines), notes: index(row.notes) }
}

pub(super) fn dot(fate: Fate) -> g::Dot {
    match fate {
        Fate::New => g::Dot::Fresh,
        Fate::Again => g::Dot::Again,
        Fate::Nothing => g::Dot::Nothing,
        Fate::Wrong => g::Dot::Wrong,
    }
}

/// Gives the keys of a keyboard.
pub(super) fn keys(board: &Board) -> ModelRc<g::KeyRow> {
    let row = |keys: Vec<Key>| g::KeyRow { keys: model(keys.into_iter().map(|one| key(one, board))) };
    model(board.rows().into_iter().map(row))
}

fn key(key: Key, board: &Board) -> g::KeyItem {
    let (kind, label, weight) = match key {
        Key::Char(letter) => (g::KeyKind::Char, SharedString::from(letter), 1.0),
        Key::Shift => (g::KeyKind::Shift, "⇧".into(), 1.5),
        Key::Erase => (g::KeyKind::Erase, "⌫".into(), 1.5),
        Key::Space => (g::KeyKind::Space, " ".into(), 4.0),
        Key::Signs => (g::KeyKind::Signs, "1?#".into(), 1.5),
        Key::Letters => (g::KeyKind::Letters, "abc".into(), 1.5),
        Key::Layout => (g::KeyKind::Layout, layout(board.layout()).into(), 1.5),
        Key::Line => (g::KeyKind::Line, "↵".into(), 1.5),
        Key::Done => (g::KeyKind::Done, "OK".into(), 2.0),
    };
    g::KeyItem { kind, label, weight, lit: key == Key::Shift && board.is_shifted() }
}

/// Names the layout that a touch would bring.
fn layout(present: Layout) -> &'static str {
    match present {
        Layout::Azerty => "EN",
        Layout::Qwerty => "FR",
    }
}

/// Gives a grey picture in which nothing is brighter than `white`.
pub(super) fn grey(picture: &Luma, white: u8) -> Image {
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(picture.width(), picture.height());
    for (to, from) in buffer.make_mut_slice().iter_mut().zip(picture.pixels()) {
        let grey = (*from).min(white);
        *to = Rgb8Pixel { r: grey, g: grey, b: grey };
    }
    Image::from_rgb8(buffer)
}

pub(super) fn hint(hint: Option<Hint>) -> g::Hint {
    match hint {
        None => g::Hint::None,
        Some(Hint::Closer) => g::Hint::Closer,
        Some(Hint::Steadier) => g::Hint::Steadier,
        Some(Hint::TooBright) => g::Hint::TooBright,
        Some(Hint::TooDark) => g::Hint::TooDark,
        Some(Hint::Still) => g::Hint::Still,
        Some(Hint::Crowded) => g::Hint::Crowded,
        Some(Hint::Slow) => g::Hint::Slow,
        Some(Hint::Unplugged) => g::Hint::Unplugged,
    }
}

pub(super) fn colours((width, height): (u32, u32), rgb: &[u8]) -> Image {
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    for (to, from) in buffer.make_mut_slice().iter_mut().zip(rgb.chunks_exact(3)) {
        if let [r, g, b] = *from {
            *to = Rgb8Pixel { r, g, b };
        }
    }
    Image::from_rgb8(buffer)
}
