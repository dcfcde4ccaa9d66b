//! Writes a screen into Slint's properties.

use super::{Size, UiError, convert as c, generated as g, state::State};
use crate::{
    Kind, Language, Lent, Sighted, Spoken,
    arrange::{Placed, Room, arrange},
    code::Showing,
    snapshot::Kept,
    typing,
};
use cloison_ceremony::{Button, Code, Field, Screen, View};
use cloison_custody::Page;
use cloison_protocol::Profile;
use slint::{Global, Image, Model};
use zeroize::Zeroizing;

/// How many of the last frames have a dot.
const DOTS: usize = 24;

pub(super) fn present(
    window: &g::Kiosk,
    state: &mut State,
    screen: &Screen,
    spoken: &Spoken,
    lent: &Lent<'_>,
) -> Result<(), UiError> {
    let kind = Kind::of(&screen.view);
    let goes_on = move_on(window, state, screen);
    state.screen = Some(screen.clone());
    state.spoken = spoken.clone();
    let same_words = state.private.as_ref().map(|text| text.as_str()) == lent.private;
    state.private = lent.private.map(|text| Zeroizing::new(text.to_owned()));
    state.record = lent.content.as_ref().map(Kept::of);
    state.typing.follow(&screen.fields);
    let shown = code(state, screen, kind);
    front(window, state, kind);
    arrange_anew(window, state, kind, goes_on);
    edit(window, state);
    content(window, state, screen);
    // What is under a finger, or uncovered, stays where it is: each new one would be another copy.
    if !(goes_on && same_words) {
        hold(window, state, state.held);
        uncover(window, state, state.uncovered);
    }
    shown?;
    if kind == Kind::Show { first_frame(window, state) } else { Ok(()) }
}

/// Starts anew what belongs to one screen alone, where another comes; tells whether it is the same
/// one that goes on.
fn move_on(window: &g::Kiosk, state: &mut State, screen: &Screen) -> bool {
    let last = state.screen.as_ref();
    if last.is_some_and(|last| last.view == screen.view || scans_on(&last.view, &screen.view)) {
        return true;
    }
    let front = g::Front::get(window);
    front.set_part(0);
    front.set_page(0);
    g::ShowScreen::get(window).set_leaving(-1);
    sight(window, &Sighted::default());
    (state.held, state.is_wide) = (false, false);
    state.uncovered &= same_record(last.map(|last| &last.view), &screen.view);
    false
}

/// Tells whether the same message is being read.
fn scans_on(last: &View, next: &View) -> bool {
    match (last, next) {
        (View::Scan { expected: last, .. }, View::Scan { expected: next, .. }) => last == next,
        (View::Trial { .. }, View::Trial { .. }) => true,
        _ => false,
    }
}

/// Sets the buttons in their places. Those of a screen that goes on stay as they are, since a finger
/// may rest on one: it is shown anew with every second that passes.
fn arrange_anew(window: &g::Kiosk, state: &mut State, kind: Kind, goes_on: bool) {
    let Some(screen) = &state.screen else { return };
    let arranged = arrange(screen, &state.spoken, room(state.size, kind));
    if goes_on && state.arranged == arranged {
        return;
    }
    let items = c::model(arranged.menu.iter().map(c::button));
    match kind {
        Kind::Home => g::HomeScreen::get(window).set_items(items),
        Kind::Desk => g::DeskScreen::get(window).set_items(items),
        Kind::Manage => g::ManageScreen::get(window).set_items(items),
        Kind::Choose => g::ChooseScreen::get(window).set_items(items),
        _ => {}
    }
    g::Front::get(window).set_rows(c::model(arranged.rows.iter().map(c::row)));
    state.arranged = arranged;
}

fn same_record(last: Option<&View>, next: &View) -> bool {
    match (last, next) {
        (Some(View::Record { record: last, .. }), View::Record { record: next, .. }) => last == next,
        _ => false,
    }
}

/// Tells what room there is for buttons at the foot of a screen.
fn room(size: Size, kind: Kind) -> Room {
    match (size, kind.is_beside_a_square()) {
        (Size::Small, true) => Room { letters: 30, lines: 3 },
        (Size::Small, false) => Room { letters: 68, lines: 2 },
        (Size::Large, true) => Room { letters: 38, lines: 3 },
        (Size::Large, false) => Room { letters: 80, lines: 2 },
    }
}

fn front(window: &g::Kiosk, state: &State, kind: Kind) {
    let (Some(screen), spoken) = (&state.screen, &state.spoken) else { return };
    let front = g::Front::get(window);
    front.set_kind(c::kind(kind));
    front.set_title(spoken.title.as_str().into());
    front.set_notice(spoken.notice.as_deref().unwrap_or_default().into());
    front.set_notice_good(spoken.good);
    front.set_rehearsal(screen.rehearsal);
    let seal = screen.buttons.iter().position(|button| *button == Button::Seal);
    front.set_seal(seal.map_or(-1, c::index));
    front.set_seal_label(spoken.label(screen, Button::Seal).unwrap_or_default().into());
    front.set_seal_left(screen.left.map(|(idle, all)| minutes(idle.min(all))).unwrap_or_default().into());
}

/// Writes how long there is yet.
fn minutes(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn field(state: &State, at: usize) -> Option<g::FieldItem> {
    let known = state.screen.as_ref()?.fields.get(at)?.field;
    let shown = state.typing.shown(known);
    // What only the session holds, such as a secret typed before, is shown as it says.
    let shown = match typing::is_secret(known) {
        true => typing::bullets(state.screen.as_ref()?.fields.get(at)?.shown.chars().count().max(count(&shown))),
        false => shown,
    };
    let words = if known == Field::Words { shown.split_whitespace().count() } else { 0 };
    let label = state.spoken.fields.get(at).map(String::as_str).unwrap_or_default();
    Some(g::FieldItem { at: c::index(at), label: label.into(), shown: shown.as_str().into(), words: c::index(words) })
}

fn count(bullets: &str) -> usize {
    bullets.chars().filter(|letter| *letter == '•').count()
}

/// Shows the field that is being filled in, for as long as the screen asks for it.
pub(super) fn edit(window: &g::Kiosk, state: &mut State) {
    let editor = g::Editor::get(window);
    let asked = |field: Field| {
        let screen = state.screen.as_ref()?;
        screen.fields.iter().position(|known| known.field == field)
    };
    let editing = state.editing.and_then(|(field, board)| Some((field, board, asked(field)?)));
    match editing {
        None => {
            (state.editing, state.board) = (None, None);
            editor.set_open(false);
            editor.set_shown("".into());
        }
        Some((field, board, at)) => {
            editor.set_label(state.spoken.fields.get(at).map(String::as_str).unwrap_or_default().into());
            editor.set_shown(state.typing.shown(field).as_str().into());
            // As with buttons: a finger may rest on a key.
            if state.board != Some(board) {
                editor.set_rows(c::keys(&board));
                state.board = Some(board);
            }
            editor.set_open(true);
        }
    }
    let fields = state.screen.as_ref().map_or(0, |screen| screen.fields.len());
    let fields: Vec<g::FieldItem> = (0..fields).filter_map(|at| self::field(state, at)).collect();
    let front = g::Front::get(window);
    if front.get_fields().iter().eq(fields.iter().cloned()) {
        return;
    }
    let pairs = fields.chunks(if fields.len() > 3 { 2 } else { 1 });
    g::FormScreen::get(window).set_rows(c::model(pairs.map(|pair| g::FieldRow { fields: c::model(pair.to_vec()) })));
    front.set_fields(c::model(fields));
}

/// Joins texts: sentences with some room between them, items of a list without.
fn joined(texts: &[String], between: &str) -> String {
    let mut whole = String::new();
    let mut item_before = false;
    for text in texts {
        let item = !text.ends_with(['.', ':', '?', '!', ')']);
        if !whole.is_empty() {
            whole.push_str(if item && item_before { "\n" } else { between });
        }
        whole.push_str(text);
        item_before = item;
    }
    whole
}

/// Writes what one kind of screen has of its own.
fn content(window: &g::Kiosk, state: &State, screen: &Screen) {
    let spoken = &state.spoken;
    let close = state.size == Size::Small && Kind::of(&screen.view).is_beside_a_square();
    let between = if close { "\n" } else { "\n\n" };
    let (text, words) = (joined(&spoken.texts, between), spoken.words.as_deref().unwrap_or_default());
    macro_rules! set {
        ($screen:ident { $($set:ident: $value:expr),* }) => {{
            let screen = g::$screen::get(window);
            screen.set_text(text.as_str().into());
            $(screen.$set($value);)*
        }};
    }
    match Kind::of(&screen.view) {
        Kind::Home => set!(HomeScreen { set_other_language: name(other(state.language)).into() }),
        Kind::Desk => set!(DeskScreen { set_words: words.into() }),
        Kind::Manage => set!(ManageScreen { set_words: words.into() }),
        Kind::Choose => set!(ChooseScreen { set_columns: columns(&state.arranged.menu) }),
        Kind::Message => set!(MessageScreen { set_words: words.into() }),
        Kind::Plan => set!(PlanScreen { set_words: words.into() }),
        Kind::Emergencies => set!(EmergenciesScreen { set_words: words.into() }),
        Kind::Compare => set!(CompareScreen { set_words: words.into() }),
        Kind::Form => set!(FormScreen {}),
        Kind::Date => set!(DateScreen {}),
        Kind::Dice => set!(DiceScreen {}),
        Kind::ReadBack => set!(ReadBackScreen {}),
        Kind::Check => set!(CheckScreen {}),
        Kind::Record => set!(RecordScreen { set_private: state.record.is_some() }),
        Kind::Show => set!(ShowScreen { set_words: words.into(), set_adjusts: screen.code != Some(Code::Pattern) }),
        Kind::Passphrase => set!(PassphraseScreen {
            set_strength: spoken.strength.join(" ").as_str().into(),
            set_proposed: state.private.is_some()
        }),
        Kind::RollCall => roll_call(window, screen, spoken),
        Kind::Card => g::CardScreen::get(window).set_text(card_text(screen, spoken).as_str().into()),
        Kind::Present => set!(PresentScreen { set_cards: c::model(cards(&screen.view)) }),
        Kind::Scan => set!(ScanScreen { set_far: far(&screen.view) }),
        Kind::Review => review(window, screen, spoken),
    }
}

/// Shows what the camera sees.
pub(super) fn sight(window: &g::Kiosk, sighted: &Sighted<'_>) {
    let camera = g::Camera::get(window);
    camera.set_seen(sighted.preview.is_some());
    camera.set_preview(sighted.preview.map(|picture| c::grey(picture, u8::MAX)).unwrap_or_default());
    camera.set_exposes(sighted.exposes);
    let scan = g::ScanScreen::get(window);
    scan.set_hint(c::hint(sighted.hint));
    scan.set_dots(c::model(last(sighted.fates).iter().map(|fate| c::dot(*fate))));
    scan.set_left(sighted.left.map_or(-1, |left| i32::try_from(left).unwrap_or(-1)));
}

/// Says how the camera looks.
pub(super) fn looking(window: &g::Kiosk, state: &State) {
    let camera = g::Camera::get(window);
    camera.set_zoom(state.looking.zoom_label().into());
    camera.set_exposure(state.looking.exposure_label().into());
}

/// Says how codes are shown.
pub(super) fn pace(window: &g::Kiosk, state: &State) {
    let show = g::ShowScreen::get(window);
    show.set_speed(i32::from(state.pace.speed) + 1);
    show.set_brightness(i32::from(state.pace.brightness) + 1);
    let white = state.pace.white();
    show.set_plate(slint::Color::from_rgb_u8(white, white, white));
}

/// Sets short labels beside each other.
fn columns(menu: &[Placed]) -> i32 {
    if menu.len() > 4 && menu.iter().all(|button| button.label.chars().count() <= 24) { 2 } else { 1 }
}

/// Gives the language to which the first screen changes.
pub(super) fn other(language: Language) -> Language {
    match language {
        Language::French => Language::English,
        _ => Language::French,
    }
}

fn name(language: Language) -> &'static str {
    match language {
        Language::French => "Français",
        _ => "English",
    }
}

fn last<T>(all: &[T]) -> &[T] {
    all.get(all.len().saturating_sub(DOTS)..).unwrap_or_default()
}

fn roll_call(window: &g::Kiosk, screen: &Screen, spoken: &Spoken) {
    let known = match &screen.view {
        View::RollCall { name, .. } => name.as_str(),
        _ => "",
    };
    let roll_call = g::RollCallScreen::get(window);
    roll_call.set_name(known.into());
    roll_call.set_text(joined(&spoken.texts, "\n\n").as_str().into());
}

/// Gives what is said of a card, without its words.
fn card_text(screen: &Screen, spoken: &Spoken) -> String {
    match &screen.view {
        View::Card { words: Some(lines), .. } => {
            joined(spoken.texts.get(..spoken.texts.len().saturating_sub(lines.len())).unwrap_or_default(), "\n")
        }
        _ => joined(&spoken.texts, "\n"),
    }
}

/// Gives one place for each card that is needed: its number once it is accepted.
fn cards(view: &View) -> Vec<slint::SharedString> {
    let View::Cards { accepted, needed, .. } = view else { return Vec::new() };
    let mut places: Vec<slint::SharedString> = accepted.iter().map(|index| slint::format!("{index}")).collect();
    places.resize(places.len().max(usize::from(*needed)), slint::SharedString::new());
    places
}

#[allow(clippy::cast_precision_loss, reason = "a bar has fewer pixels than a float has steps")]
fn far(view: &View) -> f32 {
    match view {
        View::Scan { progress: Some(progress), .. } if progress.needed > 0 => {
            (progress.read as f32 / progress.needed as f32).min(1.0)
        }
        View::Trial { percent, .. } => *percent as f32 / 100.0,
        _ => 0.0,
    }
}

/// A text that is to be signed stands by itself, letter by letter.
fn review(window: &g::Kiosk, screen: &Screen, spoken: &Spoken) {
    let mono = match &screen.view {
        View::Review { page: Page::Text { text, .. }, .. } => Some(text),
        _ => None,
    };
    let (signed, before): (Vec<String>, Vec<String>) = match mono {
        Some(text) => spoken.texts.iter().cloned().partition(|said| said == text),
        None => (spoken.texts.clone(), Vec::new()),
    };
    let review = g::ReviewScreen::get(window);
    review.set_mono(mono.is_some());
    review.set_before(joined(&before, "\n").as_str().into());
    review.set_text(if mono.is_some() { signed.concat() } else { joined(&signed, "\n\n") }.as_str().into());
}

/// Keeps the code of a screen ready to be drawn; one that is the same goes on where it is.
fn code(state: &mut State, screen: &Screen, kind: Kind) -> Result<(), UiError> {
    let code = screen.code.as_ref().filter(|_| matches!(kind, Kind::Show | Kind::Card));
    let Some(code) = code else {
        state.showing = None;
        return Ok(());
    };
    let (pace, room) = (state.pace, state.room());
    state.showing = Some(match state.showing.take().filter(|showing| showing.shows(code)) {
        None => Showing::new(code, pace, room)?,
        Some(showing) if showing.suits(pace, room) => showing,
        // There is more room, or less: what was shown is not shown again.
        Some(showing) => showing.again(pace, room)?,
    });
    Ok(())
}

/// Draws a frame where none of this code is drawn yet.
fn first_frame(window: &g::Kiosk, state: &mut State) -> Result<(), UiError> {
    let show = g::ShowScreen::get(window);
    pace(window, state);
    match &state.showing {
        Some(showing) => {
            show.set_moving(showing.is_moving());
            if showing.is_fresh() { next_frame(window, state).map(drop) } else { Ok(()) }
        }
        None => {
            show.set_moving(false);
            show.set_wide(false);
            show.set_code(Image::default());
            Ok(())
        }
    }
}

pub(super) fn next_frame(window: &g::Kiosk, state: &mut State) -> Result<u32, UiError> {
    let nothing = || UiError::Code("this screen shows none. Go to one that does".to_owned());
    let is_card = matches!(state.screen.as_ref().and_then(|screen| screen.code.as_ref()), Some(Code::Card(_)));
    let white = state.pace.white();
    let showing = state.showing.as_mut().ok_or_else(nothing)?;
    let drawn = showing.advance()?;
    let show = g::ShowScreen::get(window);
    // A card's code is drawn only while it is held.
    if !is_card {
        show.set_code(c::grey(&drawn.picture, white));
    }
    show.set_wide(drawn.is_wide);
    show.set_frame(c::number(drawn.number));
    show.set_least(drawn.least.map_or(-1, c::number));
    show.set_density(drawn.profile.map_or(0, density));
    Ok(showing.number())
}

/// Gives the number that people say for a profile.
fn density(profile: Profile) -> i32 {
    (1..).zip(Profile::ALL).find(|(_, known)| *known == profile).map_or(0, |(number, _)| number)
}

/// Draws a code anew after its density was changed.
pub(super) fn redraw(window: &g::Kiosk, state: &mut State) -> Result<(), UiError> {
    let (pace, room) = (state.pace, state.room());
    if let Some(showing) = state.showing.take() {
        state.showing = Some(showing.again(pace, room)?);
    }
    first_frame(window, state)
}

/// Draws the same picture of a code anew after its brightness was changed.
pub(super) fn repaint(window: &g::Kiosk, state: &State) {
    pace(window, state);
    let drawn = state.showing.as_ref().and_then(Showing::current).filter(|drawn| drawn.profile.is_some());
    if let Some(drawn) = drawn {
        g::ShowScreen::get(window).set_code(c::grey(&drawn.picture, state.pace.white()));
    }
}

/// Gives Slint what is private while it is held, and takes it away after.
pub(super) fn hold(window: &g::Kiosk, state: &mut State, held: bool) {
    state.held = held;
    let (card, passphrase) = (g::CardScreen::get(window), g::PassphraseScreen::get(window));
    let kind = state.screen.as_ref().map(|screen| Kind::of(&screen.view));
    let words = state.private.as_ref().filter(|_| held && kind == Some(Kind::Passphrase));
    passphrase.set_words(words.map(|words| words.as_str()).unwrap_or_default().into());
    let code = state.showing.as_mut().filter(|_| held && kind == Some(Kind::Card));
    let code = code.and_then(|showing| showing.advance().ok());
    card.set_code(code.map(|drawn| c::grey(&drawn.picture, u8::MAX)).unwrap_or_default());
    let lines = match state.screen.as_ref().map(|screen| &screen.view) {
        Some(View::Card { words: Some(lines), .. }) if held => lines.as_slice(),
        _ => &[],
    };
    card.set_words(c::model(lines.iter().map(|line| line.as_str().into())));
    g::Private::get(window).set_held(held);
}

/// Gives Slint the page of a record while it is uncovered, and takes it away after.
pub(super) fn uncover(window: &g::Kiosk, state: &mut State, uncovered: bool) {
    state.uncovered = uncovered && state.record.is_some();
    let record = g::RecordScreen::get(window);
    record.set_uncovered(state.uncovered);
    record.set_lines("".into());
    record.set_cells(c::model([]));
    record.set_picture(Image::default());
    record.set_size("".into());
    match state.record.as_ref().filter(|_| state.uncovered) {
        None => record.set_shape(g::Shape::None),
        Some(Kept::Lines(lines)) => {
            let lines: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
            record.set_lines(Zeroizing::new(lines.join("\n")).as_str().into());
            record.set_shape(g::Shape::Lines);
        }
        Some(Kept::Rows(rows)) => {
            let cell =
                |[name, value]: &[Zeroizing<String>; 2]| g::Cell { name: name.as_str().into(), value: value.as_str().into() };
            record.set_cells(c::model(rows.iter().map(cell)));
            record.set_shape(g::Shape::Table);
        }
        Some(Kept::Picture { size, original, rgb }) => {
            record.set_picture(c::colours(*size, rgb));
            record.set_size(slint::format!("{}×{}", original.0, original.1));
            record.set_shape(g::Shape::Picture);
        }
    }
}
