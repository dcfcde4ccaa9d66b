//! Turns what is touched into events of the ceremony.

use super::{
    generated as g, present,
    state::{Sink, State},
};
use crate::{
    Kind, Looking,
    code::Showing,
    keys::{Board, Key, Layout},
};
use cloison_ceremony::{Button, Event, Screen};
use slint::{ComponentHandle, Global, Weak};
use std::{cell::RefCell, rc::Rc};

type Shared = Rc<RefCell<State>>;

/// Connects every callback, once.
pub(super) fn connect(window: &g::Kiosk, state: &Shared) {
    connect_front(window, state);
    let (weak, shared) = (window.as_weak(), state.clone());
    g::Editor::get(window).on_tap(move |row, column| tap(&weak, &shared, row, column));
    let (weak, shared) = (window.as_weak(), state.clone());
    g::Private::get(window).on_hold(move |held| {
        with(&weak, &shared, |window, state| present::hold(window, state, held));
        stir(&shared);
    });
    let (weak, shared) = (window.as_weak(), state.clone());
    g::RecordScreen::get(window).on_uncover(move |uncovered| {
        with(&weak, &shared, |window, state| present::uncover(window, state, uncovered));
        stir(&shared);
    });
    let (weak, shared) = (window.as_weak(), state.clone());
    g::HomeScreen::get(window).on_speak(move || speak(&weak, &shared));
    let shared = state.clone();
    g::HomeScreen::get(window).on_switch_off(move || {
        let off = shared.borrow().off.clone();
        if let Some(off) = off {
            off();
        }
    });
    connect_show(window, state);
    connect_camera(window, state);
}

fn connect_front(window: &g::Kiosk, state: &Shared) {
    let front = g::Front::get(window);
    let (weak, shared) = (window.as_weak(), state.clone());
    front.on_press(move |at| press(&weak, &shared, at));
    let (weak, shared) = (window.as_weak(), state.clone());
    front.on_edit(move |at| {
        with(&weak, &shared, |window, state| {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            let asked = state.screen.as_ref().and_then(|screen| screen.fields.get(at)).map(|known| known.field);
            state.editing = asked.map(|field| (field, Board::new(Layout::from(state.language), field)));
            present::edit(window, state);
        });
        stir(&shared);
    });
    let shared = state.clone();
    front.on_stirred(move || stir(&shared));
}

/// Tells that somebody is there, where nothing but the screen changes.
fn stir(shared: &Shared) {
    let sink = shared.borrow().sink.clone();
    send(sink, Event::Touched);
}

fn connect_show(window: &g::Kiosk, state: &Shared) {
    let show = g::ShowScreen::get(window);
    let (weak, shared) = (window.as_weak(), state.clone());
    show.on_faster(move || {
        with(&weak, &shared, |window, state| {
            state.pace.faster();
            present::pace(window, state);
        });
        changed(&shared);
    });
    let (weak, shared) = (window.as_weak(), state.clone());
    show.on_denser(move || {
        with(&weak, &shared, |window, state| {
            state.is_wide = true;
            let shown = state.showing.as_ref().and_then(Showing::current).and_then(|drawn| drawn.profile);
            state.pace.denser(state.room(), shown);
            // A code that does not fit stays as it was drawn before.
            let _ = present::redraw(window, state);
        });
        changed(&shared);
    });
    let (weak, shared) = (window.as_weak(), state.clone());
    show.on_brighter(move || {
        with(&weak, &shared, |window, state| {
            state.pace.brighter();
            present::repaint(window, state);
        });
        changed(&shared);
    });
    let (weak, shared) = (window.as_weak(), state.clone());
    show.on_leave(move |leaves| leave(&weak, &shared, leaves));
}

fn connect_camera(window: &g::Kiosk, state: &Shared) {
    let camera = g::Camera::get(window);
    let (weak, shared) = (window.as_weak(), state.clone());
    camera.on_zoomed(move || look(&weak, &shared, Looking::zoomed));
    let (weak, shared) = (window.as_weak(), state.clone());
    camera.on_exposed(move || look(&weak, &shared, Looking::exposed));
}

fn look(window: &Weak<g::Kiosk>, shared: &Shared, change: impl Fn(Looking) -> Looking) {
    with(window, shared, |window, state| {
        state.looking = change(state.looking);
        present::looking(window, state);
    });
    changed(shared);
}

/// Tells how codes are shown, and how the camera looks, from now on.
fn changed(shared: &Shared) {
    let state = shared.borrow();
    let (told, pace, looking) = (state.changed.clone(), state.pace, state.looking);
    drop(state);
    if let Some(told) = told {
        told(pace, looking);
    }
    stir(shared);
}

fn with(window: &Weak<g::Kiosk>, state: &Shared, act: impl FnOnce(&g::Kiosk, &mut State)) {
    if let Some(window) = window.upgrade() {
        act(&window, &mut state.borrow_mut());
    }
}

/// Hands an event on; nothing is borrowed meanwhile, since what listens may present.
fn send(sink: Option<Sink>, event: Event) {
    if let Some(sink) = sink {
        sink(event);
    }
}

fn press(window: &Weak<g::Kiosk>, shared: &Shared, at: i32) {
    let state = shared.borrow();
    let Some(button) = state.screen.as_ref().and_then(|screen| button(screen, at)) else { return };
    if asks_before_leaving(&state, button) {
        if let Some(window) = window.upgrade() {
            let show = g::ShowScreen::get(&window);
            show.set_leave_label(
                state.spoken.buttons.get(usize::try_from(at).unwrap_or(0)).map(String::as_str).unwrap_or_default().into(),
            );
            show.set_leaving(at);
        }
        return;
    }
    let sink = state.sink.clone();
    drop(state);
    send(sink, Event::Press(button));
}

fn button(screen: &Screen, at: i32) -> Option<Button> {
    screen.buttons.get(usize::try_from(at).ok()?).copied()
}

/// A code that nobody may have read is not left by one touch.
fn asks_before_leaving(state: &State, button: Button) -> bool {
    let shows = state.screen.as_ref().is_some_and(|screen| Kind::of(&screen.view) == Kind::Show && screen.code.is_some());
    shows && button == Button::Done
}

fn leave(window: &Weak<g::Kiosk>, shared: &Shared, leaves: bool) {
    let Some(window) = window.upgrade() else { return };
    let show = g::ShowScreen::get(&window);
    let at = show.get_leaving();
    show.set_leaving(-1);
    let state = shared.borrow();
    let button = state.screen.as_ref().and_then(|screen| button(screen, at)).filter(|_| leaves);
    let sink = state.sink.clone();
    drop(state);
    if let Some(button) = button {
        send(sink, Event::Press(button));
    }
}

/// Changes to the other language; whoever listens presents the screen in it.
fn speak(window: &Weak<g::Kiosk>, shared: &Shared) {
    let language = present::other(shared.borrow().language);
    if window.upgrade().is_none() || slint::select_bundled_translation(language.label()).is_err() {
        return;
    }
    shared.borrow_mut().language = language;
    let tongue = shared.borrow().tongue.clone();
    if let Some(tongue) = tongue {
        tongue(language);
    }
}

fn tap(window: &Weak<g::Kiosk>, shared: &Shared, row: i32, column: i32) {
    let Some(window) = window.upgrade() else { return };
    let mut state = shared.borrow_mut();
    let Some((field, mut board)) = state.editing else { return };
    let at = |number: i32| usize::try_from(number).unwrap_or(usize::MAX);
    let Some(key) = board.tap(at(row), at(column)) else { return };
    state.editing = (key != Key::Done).then_some((field, board));
    let typed = state.typing.key(field, key);
    present::edit(&window, &mut state);
    let sink = state.sink.clone();
    drop(state);
    if let Some(typed) = typed {
        send(sink, Event::Type(field, typed));
    }
}
