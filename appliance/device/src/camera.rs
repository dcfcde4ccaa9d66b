//! Looks through the camera while the screen does, in a thread of its own: codes go to the session's
//! thread, and what was seen to the screen's.

use crate::{
    vital,
    worker::{Ask, Outcome},
};
use cloison_eye::{
    FRAME_BUDGET,
    camera::{Camera, CameraError, Look, Taken, Zoom},
    spawn::Spawn,
};
use cloison_optics::Luma;
use cloison_protocol::Progress;
use cloison_screens::{Courier, Fate, Hint, Looking, Sighted};
use std::{
    collections::VecDeque,
    io,
    ops::ControlFlow,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        mpsc::{Sender, channel},
    },
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// How long it waits for a frame before it looks whether anybody still wants one.
const TIMEOUT: Duration = Duration::from_millis(700);
/// How many frames' fates are kept.
const FATES: usize = 24;
/// How many codes are remembered, and after how many looks without any they are forgotten.
const KNOWN: usize = 4;
const OUT_OF_VIEW: u32 = 5;
/// After so many looks without a code it is said what would help.
const FRUITLESS: u32 = 10;
/// So long nothing new came of a message, though codes are seen, before it is said.
const STALE: Duration = Duration::from_secs(5);
/// After so many frames in a row that took too long it is said.
const OVERRUNS: u32 = 2;

/// Tells the camera's thread whether to look, and how.
#[derive(Clone, Default)]
pub(crate) struct Looker(Arc<(Mutex<Wish>, Condvar)>);

#[derive(Default, Clone, Copy)]
struct Wish {
    looks: bool,
    looking: Looking,
}

impl Looker {
    pub(crate) fn look(&self, looks: bool) {
        let mut wish = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        wish.looks = looks;
        self.0.1.notify_one();
    }

    pub(crate) fn change(&self, looking: Looking) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).looking = looking;
    }

    /// Waits until somebody wants to look, and tells how.
    fn wanted(&self) -> Looking {
        let mut wish = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !wish.looks {
            wish = self.0.1.wait(wish).unwrap_or_else(PoisonError::into_inner);
        }
        wish.looking
    }

    /// Tells how somebody wants to look, while somebody does.
    fn still(&self) -> Option<Looking> {
        let wish = *self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        wish.looks.then_some(wish.looking)
    }
}

/// Starts the camera's thread; it looks when it is told.
pub(crate) fn start(spawner: Arc<dyn Spawn>, role: String, asks: Sender<Ask>, courier: Courier) -> io::Result<Looker> {
    let looker = Looker::default();
    let told = looker.clone();
    vital::spawn("camera", move || {
        loop {
            told.wanted();
            // A process for as long as a screen looks: nothing of one is there for the next.
            let mut camera = Camera::new(spawner.clone(), &role, FRAME_BUDGET);
            let mut seen = Seen::default();
            while let Some(looking) = told.still() {
                camera.zoom(zoom(looking));
                camera.expose((looking.exposure != 0).then_some(looking.exposure));
                let look = camera.look(TIMEOUT);
                let ControlFlow::Continue(sight) = seen.take(look, Instant::now(), |code| ask(&asks, code)) else { return };
                if let Some(sight) = sight {
                    bring(sight, &courier);
                }
            }
        }
    })?;
    Ok(looker)
}

/// Hands a code to the session's thread, and waits for what comes of it: that may be at work on it, such
/// as on a card.
fn ask(asks: &Sender<Ask>, code: Zeroizing<Vec<u8>>) -> Option<Outcome> {
    let (answer, answered) = channel();
    asks.send(Ask::Seen(code, answer)).ok()?;
    answered.recv().ok()
}

/// Brings what was seen to the screen.
fn bring(sight: Sight, courier: &Courier) {
    let is_missing = sight.hint == Some(Hint::Unplugged);
    courier.bring(move |ui| ui.sight(&sight.lend()));
    if is_missing {
        // What is missing is tried again each second by the camera itself.
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn zoom(looking: Looking) -> Zoom {
    match looking.zoom {
        0 => Zoom::One,
        1 => Zoom::OneAndHalf,
        _ => Zoom::Two,
    }
}

/// What a look gives the screen to show.
#[derive(Default)]
pub(crate) struct Sight {
    preview: Option<Luma>,
    pub(crate) fates: Vec<Fate>,
    pub(crate) hint: Option<Hint>,
    left: Option<u32>,
    exposes: bool,
}

impl Sight {
    pub(crate) fn lend(&self) -> Sighted<'_> {
        let Self { preview, fates, hint, left, exposes } = self;
        Sighted { preview: preview.as_ref(), fates, hint: *hint, left: *left, exposes: *exposes }
    }
}

/// What came of the looks at one screen.
#[derive(Default)]
pub(crate) struct Seen {
    /// The codes that are in view, or were until a moment ago: each is handed over once.
    known: Vec<Zeroizing<Vec<u8>>>,
    fates: VecDeque<Fate>,
    fruitless: u32,
    overruns: u32,
    /// When pieces of a size began to be counted, how many there were then, and how many are needed.
    begun: Option<(Instant, usize, usize)>,
    left: Option<u32>,
    /// When something new came of a message that is not whole yet.
    fresh: Option<Instant>,
}

impl Seen {
    /// Takes what one look gave, and gives what there is to show, where that is something else. `ask`
    /// takes each new code, and the looking ends where it tells nothing of one.
    pub(crate) fn take(
        &mut self,
        look: Result<Look, CameraError>,
        now: Instant,
        ask: impl FnMut(Zeroizing<Vec<u8>>) -> Option<Outcome>,
    ) -> ControlFlow<(), Option<Sight>> {
        ControlFlow::Continue(match look {
            Ok(look) => Some(self.looked(look, now, ask)?),
            // Nothing new, and nothing wrong.
            Err(CameraError::Waiting) => None,
            Err(error @ (CameraError::Overrun { .. } | CameraError::Died | CameraError::Garbled | CameraError::Damaged)) => {
                self.note(Fate::Wrong);
                self.failed(matches!(error, CameraError::Overrun { .. }))
            }
            Err(_) => Some(Sight { hint: Some(Hint::Unplugged), ..Sight::default() }),
        })
    }

    /// Tells what pictures that take too long need; what was seen before goes.
    fn failed(&mut self, overran: bool) -> Option<Sight> {
        self.overruns = if overran { self.overruns.saturating_add(1) } else { 0 };
        (self.overruns >= OVERRUNS).then(|| Sight { fates: self.last(), hint: Some(Hint::Slow), ..Sight::default() })
    }

    fn looked(
        &mut self,
        mut look: Look,
        now: Instant,
        mut ask: impl FnMut(Zeroizing<Vec<u8>>) -> Option<Outcome>,
    ) -> ControlFlow<(), Sight> {
        let symbols = std::mem::take(&mut look.symbols);
        self.overruns = 0;
        self.fruitless = if symbols.is_empty() { self.fruitless.saturating_add(1) } else { 0 };
        if symbols.is_empty() {
            self.note(Fate::Nothing);
        }
        if self.fruitless >= OUT_OF_VIEW {
            self.known.clear();
        }
        for symbol in symbols {
            if !self.is_new(&symbol) {
                self.note(Fate::Again);
                continue;
            }
            let Some(outcome) = ask(symbol) else { return ControlFlow::Break(()) };
            self.came(outcome, now);
        }
        ControlFlow::Continue(self.sight(&look, now))
    }

    /// Tells whether a code was not in view just before, and keeps it. One that stays before the camera
    /// would otherwise take away what was said of it.
    fn is_new(&mut self, symbol: &[u8]) -> bool {
        if self.known.iter().any(|known| known.as_slice() == symbol) {
            return false;
        }
        if self.known.len() == KNOWN {
            self.known.remove(0);
        }
        self.known.push(Zeroizing::new(symbol.to_vec()));
        true
    }

    fn note(&mut self, fate: Fate) {
        self.fates.push_back(fate);
        if self.fates.len() > FATES {
            self.fates.pop_front();
        }
    }

    fn came(&mut self, outcome: Outcome, now: Instant) {
        self.note(outcome.fate);
        let is_partly_read = outcome.progress.is_some_and(|progress| progress.read < progress.needed);
        if outcome.fate == Fate::New || !is_partly_read {
            self.fresh = is_partly_read.then_some(now);
        }
        self.left = outcome.progress.and_then(|progress| self.estimate(progress, now));
    }

    /// Estimates the seconds that are left from how fast pieces came so far.
    fn estimate(&mut self, progress: Progress, now: Instant) -> Option<u32> {
        let start = (now, progress.read, progress.needed);
        // Frames of another size are counted by themselves.
        let (begun, before, _) =
            *self.begun.insert(self.begun.filter(|(_, _, needed)| *needed == progress.needed).unwrap_or(start));
        let (came, needed) = (progress.read.checked_sub(before)?, progress.needed.saturating_sub(progress.read));
        let (came, needed) = (u32::try_from(came).ok()?, u32::try_from(needed).ok()?);
        let each = now.duration_since(begun).checked_div(came)?;
        let seconds = each.checked_mul(needed)?.as_secs();
        u32::try_from(seconds.max(1)).ok().filter(|_| came >= 3)
    }

    /// Tells whether codes are seen, and nothing new has come of them for long.
    fn stands_still(&self, now: Instant) -> bool {
        self.fresh.is_some_and(|fresh| now.saturating_duration_since(fresh) >= STALE)
    }

    fn sight(&self, look: &Look, now: Instant) -> Sight {
        let (width, height) = (look.preview.width().into(), look.preview.height().into());
        let hint = match self.fruitless {
            0 => self.stands_still(now).then_some(Hint::Still),
            FRUITLESS.. => Some(hint(look.crowded, look.unfinished, look.taken())),
            _ => None,
        };
        Sight {
            preview: Luma::new(width, height, look.preview.pixels().to_vec()).ok(),
            fates: self.last(),
            hint,
            left: self.left,
            exposes: look.exposure.is_some(),
        }
    }

    /// Lists what came of the last frames.
    fn last(&self) -> Vec<Fate> {
        self.fates.iter().copied().collect()
    }
}

/// Tells what would help a camera that finds no code.
fn hint(crowded: bool, unfinished: bool, taken: Taken) -> Hint {
    match taken {
        _ if crowded => Hint::Crowded,
        _ if unfinished => Hint::Slow,
        Taken::TooBright => Hint::TooBright,
        Taken::TooDark => Hint::TooDark,
        Taken::Blurred => Hint::Steadier,
        _ => Hint::Closer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_help_is_told_by_what_is_seen() {
        assert_eq!(hint(false, false, Taken::TooBright), Hint::TooBright);
        assert_eq!(hint(false, false, Taken::TooDark), Hint::TooDark);
        assert_eq!(hint(false, false, Taken::Blurred), Hint::Steadier);
        assert_eq!(hint(false, false, Taken::Fine), Hint::Closer);
        assert_eq!(hint(true, true, Taken::TooDark), Hint::Crowded);
        assert_eq!(hint(false, true, Taken::TooDark), Hint::Slow);
    }

    #[test]
    fn a_screen_that_stands_still_is_told_after_five_seconds_and_only_while_something_is_missing() {
        let begun = Instant::now();
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        let came = |fate, read| Outcome { fate, progress: Some(Progress { read, needed: 9 }) };
        let mut seen = Seen::default();
        assert!(!seen.stands_still(at(9)), "nothing was read yet");
        seen.came(came(Fate::New, 1), at(10));
        assert!(!seen.stands_still(at(14)) && seen.stands_still(at(15)));
        seen.came(came(Fate::New, 2), at(16));
        assert!(!seen.stands_still(at(20)));
        seen.came(came(Fate::Again, 2), at(20));
        assert!(seen.stands_still(at(21)));
        seen.came(Outcome { fate: Fate::New, progress: None }, at(22));
        assert!(!seen.stands_still(at(60)), "no message is being read");
    }

    #[test]
    fn the_rest_is_estimated_from_what_came() {
        let mut seen = Seen::default();
        let begun = Instant::now();
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        let progress = |read| Progress { read, needed: 60 };
        assert_eq!(seen.estimate(progress(1), at(0)), None, "one piece tells nothing");
        assert_eq!(seen.estimate(progress(2), at(1)), None);
        assert_eq!(seen.estimate(progress(11), at(5)), Some(24), "ten pieces in five seconds, 49 to go");
        assert_eq!(seen.estimate(progress(60), at(30)), Some(1));
        assert_eq!(seen.estimate(progress(0), at(31)), None, "another transfer");
        let larger = |read| Progress { read, needed: 20 };
        assert_eq!(seen.estimate(larger(15), at(40)), None, "pieces of another size are counted from here");
        assert_eq!(seen.estimate(larger(18), at(43)), Some(2));
    }

    #[test]
    fn a_code_that_stays_in_view_is_handed_over_once() {
        let mut seen = Seen::default();
        assert!(seen.is_new(b"card") && !seen.is_new(b"card"));
        assert!(seen.is_new(b"1") && seen.is_new(b"2") && seen.is_new(b"3"));
        assert!(!seen.is_new(b"card"));
        assert!(seen.is_new(b"4") && seen.is_new(b"card"), "the frames of a transfer go round");
    }

    #[test]
    fn the_last_fates_are_kept() {
        let mut seen = Seen::default();
        (0..100).for_each(|_| seen.note(Fate::Nothing));
        seen.note(Fate::New);
        assert_eq!((seen.fates.len(), seen.fates.back()), (FATES, Some(&Fate::New)));
    }

    #[test]
    fn looking_stops_when_it_is_told() {
        let looker = Looker::default();
        assert_eq!(looker.still(), None);
        looker.look(true);
        looker.change(Looking { zoom: 1, exposure: 2 });
        assert_eq!(looker.wanted(), Looking { zoom: 1, exposure: 2 });
        assert!(zoom(looker.still().unwrap()) == Zoom::OneAndHalf);
        looker.look(false);
        assert_eq!(looker.still(), None);
    }
}
