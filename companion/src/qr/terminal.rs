//! Codes in the terminal, two modules to a character, black on a white plate whatever the theme.

use super::{
    QrError,
    pace::Pace,
    strip::{asked, density, numbered},
};
use crate::{
    args::{self, Level},
    home::Home,
    signals::Held,
};
use cloison_optics::{Density, QUIET_ZONE, Symbol};
use cloison_protocol::{PatternCode, Positions, Presentation, Profile, Shown};
use crossterm::{
    cursor,
    event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
    queue,
    style::{Color, Print, ResetColor, SetBackgroundColor, SetForegroundColor},
    terminal::{self, Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen},
};
use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// White and black of the 256-colour cube: themes change the first sixteen colours, not these.
const WHITE: Color = Color::AnsiValue(231);
const BLACK: Color = Color::AnsiValue(16);
/// The densest code where one density was asked for and not which.
const MOST_FIXED: u8 = 25;
/// What is said where a terminal has become too small.
const TOO_SMALL: &str = "Too small for a code. Make this terminal larger.";
/// How long a signal may wait.
const TICK: Duration = Duration::from_millis(100);

/// Which density was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// A profile, from 0, in the place of the one that is remembered.
    profile: Option<u8>,
    /// One density and no other: the highest version, the level, how many side by side.
    fixed: Option<(u8, Level, u8)>,
    /// How long each picture stays.
    delay: Option<Duration>,
}

impl Wish {
    /// Takes what was typed.
    pub(crate) fn typed(typed: &args::Codes) -> Self {
        let is_fixed = typed.density.is_some() || typed.level.is_some() || typed.across.is_some();
        let fixed =
            is_fixed.then(|| (typed.density.unwrap_or(MOST_FIXED), typed.level.unwrap_or(Level::L), typed.across.unwrap_or(1)));
        let profile = typed.profile.filter(|number| numbered(*number).is_some()).map(|number| number - 1);
        Self { profile, fixed, delay: typed.delay.map(|delay| Duration::from_millis(delay.into())) }
    }

    /// Gives the profiles to show, the safest first, of those that fit the terminal.
    fn ladder(&self, chosen: u8, size: (u16, u16)) -> Result<Vec<Profile>, QrError> {
        let (columns, rows) = size;
        let small = || QrError::SmallTerminal { columns, rows };
        if let Some((densest, level, across)) = self.fixed {
            return fitting(size, densest, level, across).map(|profile| vec![profile]).ok_or_else(small);
        }
        let ladder = Profile::up_to(chosen, |profile| fits(profile, size));
        if !ladder.is_empty() {
            return Ok(ladder);
        }
        // A small terminal has room for codes that are smaller than every profile's.
        let most = Profile::numbered(chosen).map_or(MOST_FIXED, |profile| profile.version);
        fitting(size, most, Level::L, 1).map(|profile| vec![profile]).ok_or_else(small)
    }
}

/// How to show.
pub(crate) struct Show<'a> {
    /// The density.
    pub(crate) wish: Wish,
    /// The first picture's number.
    pub(crate) from: u32,
    /// The line below the code.
    pub(crate) caption: &'a str,
    /// What ends showing.
    pub(crate) ends: Ends,
}

/// Says which keys end showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Any key without another meaning.
    AnyKey,
    /// Enter, so that nothing counts as shown by a slip.
    Enter,
}

/// Says how showing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The person goes on.
    Next,
    /// The person gave up.
    Cancelled,
}

/// Shows a payload until a key is pressed, and remembers how people chose to see it.
///
/// # Errors
/// [`QrError::NoTerminal`], [`QrError::SmallTerminal`].
pub(crate) fn animate(payload: &[u8], show: &Show<'_>, home: Option<&Home>) -> Result<Ended, QrError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(QrError::NoTerminal);
    }
    let chosen = Pace::remembered(home);
    let profile = show.wish.profile.unwrap_or(chosen.profile);
    let percent = if show.wish.delay.is_some() { 100 } else { chosen.percent };
    let size = terminal::size().map_err(QrError::Terminal)?;
    let mut presentation = Presentation::new(payload, show.wish.ladder(profile, size)?)?;
    presentation.skip_to(show.from);
    let pace = Pace { profile, percent };
    let mut showing =
        Showing { payload, show, pace, chosen, presentation, positions: Positions::default(), fits: true, count: (0, None) };
    let plate = Plate::lay().map_err(QrError::Terminal)?;
    let ended = showing.run(&plate);
    showing.chosen.remember(home);
    ended
}

/// Shows the test pattern until a key is pressed, with each profile that the terminal has room for.
///
/// # Errors
/// [`QrError::NoTerminal`], [`QrError::SmallTerminal`].
pub(crate) fn pattern() -> Result<Ended, QrError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(QrError::NoTerminal);
    }
    let size = || terminal::size().map_err(QrError::Terminal);
    let codes = |number, size| PatternCode::screen(number, |profile| fits(profile, size));
    let (columns, rows) = size()?;
    if codes(0, (columns, rows)).is_empty() {
        return Err(QrError::SmallTerminal { columns, rows });
    }
    let plate = Plate::lay().map_err(QrError::Terminal)?;
    let mut canvas = Canvas::default();
    for number in 0.. {
        let codes = codes(number, size()?);
        let profile = codes.first().and_then(|code| Profile::numbered(code.profile()));
        let contents: Vec<Vec<u8>> = codes.iter().map(PatternCode::encode).collect();
        match profile {
            Some(profile) => {
                let caption = format!("Test pattern, {}   any key ends", named(profile));
                canvas.draw(&symbols(profile, &contents)?, &caption).map_err(QrError::Terminal)?;
            }
            None => canvas.draw(&[], TOO_SMALL).map_err(QrError::Terminal)?,
        }
        let delay = Duration::from_secs(1) / profile.map_or(1, |profile| u32::from(profile.rate.max(1)));
        if plate.wait(delay).map_err(QrError::Terminal)? && is_key(&event::read().map_err(QrError::Terminal)?) {
            break;
        }
    }
    Ok(Ended::Next)
}

fn is_key(event: &Event) -> bool {
    matches!(event, Event::Key(key) if key.kind == KeyEventKind::Press)
}

/// Writes what a profile's codes are, such as `two 25-L`.
fn named(Profile { version, correction, across, .. }: Profile) -> String {
    let beside = if across > 1 { "two " } else { "" };
    format!("{beside}{version}-{correction:?}")
}

/// What is being shown, and how.
struct Showing<'a> {
    payload: &'a [u8],
    show: &'a Show<'a>,
    pace: Pace,
    /// What keys chose, now or earlier: only that is remembered.
    chosen: Pace,
    presentation: Presentation,
    positions: Positions,
    /// Whether the terminal has room for a code.
    fits: bool,
    /// How many codes were shown with the profile that is shown, and which that is.
    count: (u64, Option<Profile>),
}

impl Showing<'_> {
    fn run(&mut self, plate: &Plate) -> Result<Ended, QrError> {
        let mut canvas = Canvas::default();
        loop {
            let screen = self.presentation.next_screen()?;
            let delay = self.delay(screen.profile);
            if self.fits {
                self.positions = screen.positions.clone();
                let before = if self.count.1 == Some(screen.profile) { self.count.0 } else { 0 };
                self.count = (before + 1, Some(screen.profile));
                let symbols = symbols(screen.profile, &screen.frames)?;
                canvas.draw(&symbols, &self.caption(&screen, delay)).map_err(QrError::Terminal)?;
            } else {
                canvas.draw(&[], TOO_SMALL).map_err(QrError::Terminal)?;
            }
            if !plate.wait(delay).map_err(QrError::Terminal)? {
                continue;
            }
            match event::read().map_err(QrError::Terminal)? {
                Event::Key(key) if key.kind == KeyEventKind::Press => match meaning(key, self.show.ends) {
                    Meaning::Faster => self.speed(Pace::faster),
                    Meaning::Slower => self.speed(Pace::slower),
                    Meaning::Denser => self.choose(|next, now| next > now, screen.profile)?,
                    Meaning::Safer => self.choose(|next, now| next < now, screen.profile)?,
                    Meaning::Again => {
                        (self.positions, self.count) = (Positions::default(), (0, None));
                        self.begin()?;
                        self.presentation.skip_to(self.show.from);
                    }
                    Meaning::End(ended) => return Ok(ended),
                    Meaning::Nothing => {}
                },
                Event::Resize(..) => {
                    canvas = Canvas::default();
                    self.begin()?;
                }
                _ => {}
            }
        }
    }

    fn speed(&mut self, change: fn(&mut Pace)) {
        change(&mut self.pace);
        self.chosen.percent = self.pace.percent;
    }

    /// Shows with the next profile that fits, in one direction; a density that was asked for stays.
    fn choose(&mut self, is_there: fn(u8, u8) -> bool, shown: Profile) -> Result<(), QrError> {
        if self.show.wish.fixed.is_some() {
            return Ok(());
        }
        let size = terminal::size().map_err(QrError::Terminal)?;
        let numbers = || (0_u8..).zip(Profile::ALL);
        let Some((now, _)) = numbers().find(|(_, profile)| *profile == shown) else { return Ok(()) };
        let there = numbers().filter(|(number, profile)| is_there(*number, now) && fits(*profile, size));
        let Some((next, _)) = there.min_by_key(|(number, _)| number.abs_diff(now)) else { return Ok(()) };
        (self.pace.profile, self.chosen.profile) = (next, next);
        self.begin()
    }

    /// Goes on with the profile that is chosen and what fits the terminal as it is now. What is shown is
    /// not given up where nothing fits: somebody makes the terminal larger again.
    fn begin(&mut self) -> Result<(), QrError> {
        let size = terminal::size().map_err(QrError::Terminal)?;
        let ladder = self.show.wish.ladder(self.pace.profile, size);
        self.fits = ladder.is_ok();
        if let Ok(ladder) = ladder {
            self.presentation = Presentation::from(self.payload, ladder, self.positions.clone())?;
        }
        Ok(())
    }

    fn delay(&self, profile: Profile) -> Duration {
        let ordinary = Duration::from_secs(1) / u32::from(profile.rate.max(1));
        self.pace.delay(self.show.wish.delay.unwrap_or(ordinary))
    }

    fn caption(&self, screen: &Shown, delay: Duration) -> String {
        let (count, least, delay) = (self.count.0, screen.least, delay.as_millis());
        format!("{}   code {count}, {least} needed, {delay} ms, {}", self.show.caption, named(screen.profile))
    }
}

/// Makes the symbols of a screen; what is shorter than its symbol holds gets a smaller one.
fn symbols(profile: Profile, contents: &[Vec<u8>]) -> Result<Vec<Symbol>, QrError> {
    let wanted = density(profile)?;
    let symbol = |frame: &Vec<u8>| {
        let density = Density::smallest_for(frame.len(), wanted.level()).unwrap_or(wanted);
        Ok(Symbol::encode(frame, density)?)
    };
    contents.iter().map(symbol).collect()
}

enum Meaning {
    Faster,
    Slower,
    Denser,
    Safer,
    Again,
    End(Ended),
    Nothing,
}

fn meaning(key: KeyEvent, ends: Ends) -> Meaning {
    match key.code {
        KeyCode::Char('+' | '=') => Meaning::Faster,
        KeyCode::Char('-') => Meaning::Slower,
        KeyCode::Char('d' | 'D') => Meaning::Denser,
        KeyCode::Char('s' | 'S') => Meaning::Safer,
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Meaning::End(Ended::Cancelled),
        KeyCode::Esc | KeyCode::Char('q') => Meaning::End(Ended::Cancelled),
        KeyCode::Char('r' | 'R') if ends == Ends::Enter => Meaning::Again,
        KeyCode::Enter => Meaning::End(Ended::Next),
        _ if ends == Ends::AnyKey => Meaning::End(Ended::Next),
        _ => Meaning::Nothing,
    }
}

/// Finds the densest version whose plate and caption fit.
fn fitting(size: (u16, u16), densest: u8, level: Level, across: u8) -> Option<Profile> {
    (1..=densest).rev().filter_map(|version| asked(version, level, across).ok()).find(|profile| fits(*profile, size))
}

/// Tells whether the symbols of a profile and a caption below them fit a terminal.
fn fits(profile: Profile, (columns, rows): (u16, u16)) -> bool {
    density(profile).is_ok_and(|density| {
        let side = density.modules() + 2 * QUIET_ZONE;
        side * u32::from(profile.across) <= u32::from(columns) && side.div_ceil(2) < u32::from(rows)
    })
}

/// What is on the terminal, so that nothing of it is left beside what comes next.
#[derive(Default)]
struct Canvas {
    /// How many symbols, of how many modules each; nothing where it is not known.
    drawn: Option<(usize, u32)>,
}

impl Canvas {
    fn draw(&mut self, symbols: &[Symbol], caption: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let shape = (symbols.len(), symbols.first().map_or(0, Symbol::modules));
        if self.drawn.replace(shape) != Some(shape) {
            queue!(out, ResetColor, Clear(ClearType::All))?;
        }
        let (columns, rows) = terminal::size()?;
        for (row, line) in (0..rows.saturating_sub(1)).zip(side_by_side(symbols)) {
            queue!(out, cursor::MoveTo(0, row), SetForegroundColor(BLACK), SetBackgroundColor(WHITE), Print(line))?;
        }
        let caption: String = caption.chars().take(columns.into()).collect();
        queue!(out, ResetColor, cursor::MoveTo(0, rows.saturating_sub(1)), Clear(ClearType::CurrentLine), Print(caption))?;
        out.flush()
    }
}

/// Writes symbols of one size beside each other.
fn side_by_side(symbols: &[Symbol]) -> Vec<String> {
    let blocks: Vec<Vec<String>> = symbols.iter().map(lines).collect();
    let height = blocks.iter().map(Vec::len).max().unwrap_or_default();
    (0..height).map(|row| blocks.iter().filter_map(|block| block.get(row)).map(String::as_str).collect()).collect()
}

/// Writes a symbol with its quiet zone as lines of half blocks.
fn lines(symbol: &Symbol) -> Vec<String> {
    let side = symbol.modules() + 2 * QUIET_ZONE;
    let dark = |x: u32, y: u32| match (x.checked_sub(QUIET_ZONE), y.checked_sub(QUIET_ZONE)) {
        (Some(x), Some(y)) => symbol.is_dark(x, y),
        _ => false,
    };
    let block = |x, y| match (dark(x, y), dark(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    (0..side).step_by(2).map(|y| (0..side).map(|x| block(x, y)).collect()).collect()
}

/// The terminal while it is a plate; given back as it was, however showing ends.
struct Plate {
    /// Let go after the terminal was given back.
    held: Held,
}

impl Plate {
    fn lay() -> io::Result<Self> {
        let held = Held::new()?;
        terminal::enable_raw_mode()?;
        let plate = Self { held };
        queue!(io::stdout(), EnterAlternateScreen, cursor::Hide, Clear(ClearType::All))?;
        Ok(plate)
    }

    /// Waits for an event; gives `false` when there was none in time.
    ///
    /// # Errors
    /// A signal came, or the terminal failed.
    fn wait(&self, delay: Duration) -> io::Result<bool> {
        let until = Instant::now() + delay;
        loop {
            if self.held.arrived() {
                return Err(io::Error::other("stopped by a signal"));
            }
            let left = until.saturating_duration_since(Instant::now());
            if event::poll(left.min(TICK))? {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
        }
    }
}

impl Drop for Plate {
    fn drop(&mut self) {
        // Nothing better can be done where giving it back fails.
        let _ = queue!(io::stdout(), ResetColor, cursor::Show, LeaveAlternateScreen);
        let _ = io::stdout().flush();
        let _ = terminal::disable_raw_mode();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloison_optics::{Luma, read};

    #[test]
    fn the_lines_in_the_terminal_are_the_code() {
        let density = Density::new(5, cloison_optics::Level::L).unwrap();
        let symbol = Symbol::encode(b"through half blocks", density).unwrap();
        let lines = lines(&symbol);
        let side = symbol.modules() + 8;
        assert_eq!(lines.len() as u32, side.div_ceil(2));
        let mut pixels = Vec::new();
        for half in 0..side as usize {
            let row = lines[half / 2].chars().map(|c| matches!((c, half % 2), ('█', _) | ('▀', 0) | ('▄', 1)));
            let row: Vec<u8> = row.flat_map(|dark| [if dark { 0 } else { 255 }; 4]).collect();
            pixels.extend((0..4).flat_map(|_| row.clone()));
        }
        let picture = Luma::new(side * 4, side * 4, pixels).unwrap();
        assert_eq!(read(&picture), [b"through half blocks".to_vec()]);
    }

    #[test]
    fn two_codes_stand_side_by_side() {
        let density = Density::new(5, cloison_optics::Level::L).unwrap();
        let symbols = [b"left", b"both"].map(|data| Symbol::encode(data, density).unwrap());
        let both = side_by_side(&symbols);
        let each = symbols.each_ref().map(lines);
        assert_eq!(both.len(), each[0].len());
        assert!(both.iter().zip(each[0].iter().zip(&each[1])).all(|(both, (left, right))| *both == format!("{left}{right}")));
    }

    #[test]
    fn the_density_fits_the_terminal() {
        let version = |size, densest| fitting(size, densest, Level::L, 1).map(|profile| profile.version);
        assert_eq!(version((80, 24), 25), Some(5));
        assert_eq!(version((200, 70), 25), Some(25));
        assert_eq!(version((200, 70), 10), Some(10));
        assert_eq!(version((28, 24), 25), None);
    }

    #[test]
    fn profiles_that_fit_are_shown_and_on_a_small_terminal_the_largest_code() {
        let ladder = |wish: Wish, profile, size| {
            let ladder = wish.ladder(profile, size).unwrap();
            ladder.iter().map(|profile| (profile.version, profile.across)).collect::<Vec<_>>()
        };
        let wish = Wish::default();
        assert_eq!(ladder(wish, 5, (300, 80)), [(10, 1), (15, 1), (20, 1), (20, 2), (25, 2), (27, 2)]);
        assert_eq!(ladder(wish, 5, (150, 80)), [(10, 1), (15, 1), (20, 1)]);
        assert_eq!(ladder(wish, 1, (300, 80)), [(10, 1), (15, 1)]);
        assert_eq!(ladder(wish, 2, (80, 24)), [(5, 1)]);
        let fixed = Wish { fixed: Some((12, Level::M, 2)), ..wish };
        assert_eq!(ladder(fixed, 5, (300, 80)), [(12, 2)]);
        assert_eq!(ladder(fixed, 5, (130, 80)), [(10, 2)]);
        assert!(matches!(wish.ladder(2, (20, 5)), Err(QrError::SmallTerminal { columns: 20, rows: 5 })));
    }
}
