//! The test of codes, and codes side by side.

use super::{Case, case};
use cloison_ceremony::{Button, Code, Notice, View};
use cloison_protocol::{Kind, Progress, Score};
use cloison_screens::Hint;

pub fn cases() -> Vec<Case> {
    let mut all = trials();
    all.extend(hints());
    all.extend(side_by_side());
    all
}

fn trials() -> Vec<Case> {
    let mut pattern = case("pattern", View::Pattern, &[Button::ReadPattern, Button::Back]);
    pattern.screen.code = Some(Code::Pattern);
    let shown = [20, 20, 20, 40, 40, 40];
    let scores = |read: &[usize]| {
        let of = |(profile, (read, shown)): (u8, (&usize, usize))| Score { profile, read: *read, shown };
        (0..).zip(read.iter().zip(shown)).map(of).collect::<Vec<_>>()
    };
    let trial = |name: &str, percent, scores, best| case(name, View::Trial { percent, scores, best }, &[Button::Back]).camera();
    vec![
        pattern,
        trial("trial", 0, Vec::new(), None),
        trial("trial-half", 44, scores(&[20, 19, 12]), None).notice(Notice::NotAPattern),
        trial("trial-best", 100, scores(&[20, 20, 19, 37, 31, 4]), Some(4)),
        trial("trial-none", 100, scores(&[9, 2, 0]), None).rehearsed(),
    ]
}

fn hints() -> Vec<Case> {
    let progress = Some(Progress { read: 12, needed: 60 });
    let scan = |name: &str, hint| {
        let view = View::Scan { expected: Kind::Request, progress, pieces: 12 };
        Case { hint: Some(hint), ..case(name, view, &[Button::Cancel]).camera().open() }
    };
    vec![scan("scan-still", Hint::Still), scan("scan-crowded", Hint::Crowded), scan("scan-slow", Hint::Slow)]
}

/// The last ones, since what is chosen stays.
fn side_by_side() -> Vec<Case> {
    let show = |name: &str, profile| case(name, View::Reply, &[Button::Done]).message(9000).profile(profile);
    vec![
        show("reply-wide-rehearsal", 4).open().rehearsed(),
        show("reply-wide", 5).open(),
        Case { leaving: true, ..show("reply-wide-leaving", 3).open() },
        Case { leaving: true, ..show("reply-wide-rehearsal-leaving", 5).rehearsed() },
        // What is to be done with it is read before it is shown so.
        case("export-backup", View::Export { kind: Kind::Backup, words: None }, &[Button::Done]).message(9000).profile(5).open(),
    ]
}
