//! Every text of every screen fits its box, none lies over another, and everything that is touched
//! is large enough: as it is, and with everything said 40 % longer, as another language may need.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cloison_ceremony::View;
use cloison_custody::Page;
use cloison_screens::{Language, Size, Spoken, Ui, inside};
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions};
use slint::ComponentHandle;
use support::Case;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Area {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

impl Area {
    fn of(element: &ElementHandle) -> Self {
        let (at, size) = (element.absolute_position(), element.size());
        Self { x: at.x, y: at.y, width: size.width, height: size.height }
    }

    fn is_within(&self, other: &Self) -> bool {
        self.x >= other.x - 1.0
            && self.y >= other.y - 1.0
            && self.x + self.width <= other.x + other.width + 1.0
            && self.y + self.height <= other.y + other.height + 1.0
    }

    fn overlaps(&self, other: &Self) -> bool {
        let apart = self.x + self.width <= other.x + 1.0
            || other.x + other.width <= self.x + 1.0
            || self.y + self.height <= other.y + 1.0
            || other.y + other.height <= self.y + 1.0;
        !apart
    }
}

fn stage(size: Size, language: Language) -> Ui {
    let options = TestingBackendOptions { mock_time: true, threading: false, renderer_name: Some("software".into()) };
    slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
    let ui = Ui::new(size, language).unwrap();
    ui.window().show().unwrap();
    ui
}

fn label(element: &ElementHandle) -> String {
    element.accessible_label().unwrap_or_default().to_string()
}

/// Lists what is on the screen, each once: a query names an element for each component it is in.
fn elements(ui: &Ui) -> Vec<ElementHandle> {
    let mut all: Vec<ElementHandle> = Vec::new();
    let same = |one: &ElementHandle, other: &ElementHandle| {
        Area::of(one) == Area::of(other)
            && one.accessible_role() == other.accessible_role()
            && one.accessible_label() == other.accessible_label()
            && one.id() == other.id()
    };
    for element in ElementQuery::from_root(ui.window()).match_descendants().find_all() {
        if !all.iter().any(|known| same(known, &element)) {
            all.push(element);
        }
    }
    all
}

/// Lists what is wrong with what is on the screen.
fn faults(ui: &Ui, size: Size) -> Vec<String> {
    let (width, height) = size.pixels();
    #[allow(clippy::cast_precision_loss, reason = "a screen has few pixels")]
    let screen = Area { x: 0.0, y: 0.0, width: width as f32, height: height as f32 };
    let all = elements(ui);
    let mut faults = Vec::new();
    let mut texts: Vec<(String, Area)> = Vec::new();
    for element in &all {
        let (name, id, mut area) = (label(element), element.id().unwrap_or_default(), Area::of(element));
        if element.accessible_description().is_some_and(|said| said == "cut") {
            faults.push(format!("“{name}” is cut: {area:?}"));
        }
        if element.accessible_role() != Some(AccessibleRole::Text) || name.is_empty() {
            continue;
        }
        match id.as_str() {
            "Reading::one" | "Reading::many" | "Reading::all" => continue,
            // Of a text that is turned through, its window counts; that it turns by whole lines is
            // tested apart.
            "Reading::body" => {
                let windows = all.iter().filter(|window| window.id().is_some_and(|id| id == "Reading::window")).map(Area::of);
                let mut windows = windows.filter(|window| (window.x - area.x).abs() < 1.0);
                area = windows.next().unwrap();
                if area.height < 18.0 {
                    faults.push(format!("“{name}” has no room: {area:?}"));
                }
            }
            _ => {}
        }
        if !area.is_within(&screen) {
            faults.push(format!("“{name}” leaves the screen: {area:?}"));
        }
        texts.push((name, area));
    }
    overlapping(&texts, &mut faults);
    let targets = targets(&all);
    for (name, area) in &texts {
        let leaves = targets.iter().filter(|(_, target)| area.overlaps(target) && !area.is_within(target));
        faults.extend(leaves.map(|(target, _)| format!("“{name}” leaves its button “{target}”: {area:?}")));
    }
    faults.extend(unreachable(&targets, &screen));
    faults.extend(halved(ui, &all));
    faults
}

/// Where a long text is turned through by lines, no letter is halved at the edge of its window: the
/// last row of pixels there is of one colour.
fn halved(ui: &Ui, all: &[ElementHandle]) -> Vec<String> {
    let picture = ui.render().unwrap();
    let named = |name: &'static str| all.iter().filter(move |element| element.id().is_some_and(|id| id == name)).map(Area::of);
    let turned = |window: &Area| named("Reading::body").any(|body| body.x == window.x && body.height > window.height + 2.0);
    let windows = named("Reading::window").filter(turned);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place on the screen")]
    let edges = windows.map(|area| {
        let (left, right, row) = (area.x.ceil() as u32, (area.x + area.width) as u32, (area.y + area.height) as u32 - 1);
        let at = |column: u32| (row * picture.width + column) as usize * 3;
        (
            area,
            picture.rgb[at(left)..at(right.min(picture.width))]
                .chunks(3)
                .any(|pixel| pixel != &picture.rgb[at(left)..at(left) + 3]),
        )
    });
    edges.filter(|(_, inked)| *inked).map(|(area, _)| format!("a letter is halved at the foot of {area:?}")).collect()
}

fn overlapping(areas: &[(String, Area)], faults: &mut Vec<String>) {
    for (at, (name, area)) in areas.iter().enumerate() {
        let below = areas.iter().skip(at + 1).filter(|(_, other)| area.overlaps(other));
        faults.extend(below.map(|(other, under)| format!("“{name}” {area:?} lies over “{other}” {under:?}")));
    }
}

/// Lists what can be touched.
fn targets(all: &[ElementHandle]) -> Vec<(String, Area)> {
    let touched = [AccessibleRole::Button, AccessibleRole::TextInput];
    let targets = all.iter().filter(|element| element.accessible_role().is_some_and(|role| touched.contains(&role)));
    targets.map(|element| (label(element), Area::of(element))).collect()
}

/// Everything that is touched is at least 48 pixels each way, and nothing else is in its place.
fn unreachable(targets: &[(String, Area)], screen: &Area) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, area) in targets {
        if area.width < 48.0 || area.height < 48.0 {
            faults.push(format!("“{name}” is too small for a finger: {area:?}"));
        }
        if !area.is_within(screen) {
            faults.push(format!("“{name}” cannot be reached: {area:?}"));
        }
    }
    overlapping(targets, &mut faults);
    faults
}

/// Says everything 40 % longer, but for names and for what is to be signed.
fn longer(case: &Case) -> Spoken {
    let mut spoken = case.spoken(Language::English);
    let signed = match &case.screen.view {
        View::Review { page: Page::Text { text, .. }, .. } => Some(text.as_str()),
        _ => None,
    };
    let stretch = |text: &mut String| {
        let said = text.replace(support::LONG, "");
        let more: String = said.chars().take(said.chars().count() * 2 / 5).collect();
        if Some(text.as_str()) != signed && !more.trim().is_empty() {
            // A list's item stays one, and a sentence a sentence.
            let end = text.chars().last().unwrap_or('.');
            *text = format!("{text} {}{end}", more.trim());
        }
    };
    stretch(&mut spoken.title);
    spoken.texts.iter_mut().for_each(stretch);
    spoken.buttons.iter_mut().for_each(stretch);
    spoken.fields.iter_mut().for_each(stretch);
    spoken.strength.iter_mut().for_each(stretch);
    spoken.notice.iter_mut().for_each(stretch);
    spoken
}

fn measure(size: Size, language: Language, said: impl Fn(&Case) -> Spoken) {
    let ui = stage(size, language);
    ui.listen_for_off(|| {});
    let mut faults_of_all = Vec::new();
    for case in support::cases() {
        case.present(&ui, &said(&case));
        ui.render().unwrap();
        faults_of_all.extend(faults(&ui, size).into_iter().map(|fault| format!("{}: {fault}", case.name)));
    }
    assert!(faults_of_all.is_empty(), "{} faults\n{}", faults_of_all.len(), faults_of_all.join("\n"));
}

#[test]
fn everything_fits_the_small_screen_in_english() {
    measure(Size::Small, Language::English, |case| case.spoken(Language::English));
}

#[test]
fn everything_fits_the_small_screen_in_french() {
    measure(Size::Small, Language::French, |case| case.spoken(Language::French));
}

#[test]
fn everything_fits_the_small_screen_when_it_is_said_at_greater_length() {
    measure(Size::Small, Language::French, longer);
}

#[test]
fn everything_fits_the_large_screen_in_english() {
    measure(Size::Large, Language::English, |case| case.spoken(Language::English));
}

#[test]
fn everything_fits_the_large_screen_in_french() {
    measure(Size::Large, Language::French, |case| case.spoken(Language::French));
}

#[test]
fn everything_fits_the_large_screen_when_it_is_said_at_greater_length() {
    measure(Size::Large, Language::French, longer);
}

#[test]
fn this_test_sees_a_text_that_is_cut() {
    let ui = stage(Size::Small, Language::English);
    let mut case = support::cases().into_iter().find(|case| case.name == "choose-longest").unwrap();
    case.editing = None;
    let mut spoken = case.spoken(Language::English);
    spoken.buttons[0] = "a label that no button has room for, ".repeat(12);
    case.present(&ui, &spoken);
    ui.render().unwrap();
    assert!(!faults(&ui, Size::Small).is_empty());
}

#[test]
fn every_pair_of_colours_has_the_contrast_that_people_need() {
    let ui = stage(Size::Small, Language::English);
    let pairs = inside::pairs(&ui);
    assert!(pairs.len() >= 16);
    for pair in pairs {
        let contrast = contrast(pair.ink, pair.ground);
        assert!(contrast >= 4.5, "{}: {contrast:.2} to 1", pair.name);
    }
}

/// WCAG 2.2, “contrast ratio” and “relative luminance”.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let luminance = |colour: [u8; 3]| {
        let [r, g, b] = colour.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_computed_as_it_is_defined() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast([0x77; 3], [255; 3]) - 4.48).abs() < 0.01);
}
