//! Codes in the terminal, two modules to a character, black on a white plate whatever the theme.

use super::{
    QrError,
    strip::{Strip, optical},
};
use crate::{args::Level, signals::Held};
use cloison_optics::{Density, QUIET_ZONE, Symbol};
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
const FASTEST: Duration = Duration::from_millis(33);
const SLOWEST: Duration = Duration::from_secs(2);
/// How long a signal may wait.
const TICK: Duration = Duration::from_millis(100);

/// How to show.
pub(crate) struct Show<'a> {
    /// The highest QR version; a smaller one is taken where it does not fit.
    pub(crate) densest: u8,
    /// The level.
    pub(crate) level: Level,
    /// The first frame's number.
    pub(crate) from: u32,
    /// How long each frame stays.
    pub(crate) delay: Duration,
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

/// Shows a payload until a key is pressed.
///
/// # Errors
/// [`QrError::NoTerminal`], [`QrError::SmallTerminal`].
pub(crate) fn animate(payload: &[u8], show: &Show<'_>) -> Result<Ended, QrError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(QrError::NoTerminal);
    }
    let (columns, rows) = terminal::size().map_err(QrError::Terminal)?;
    let version = fitting(columns, rows, show.densest, show.level).ok_or(QrError::SmallTerminal { columns, rows })?;
    let strip = Strip::new(payload, version, show.level)?;
    let plate = Plate::lay().map_err(QrError::Terminal)?;
    run(&strip, show, &plate)
}

fn run(strip: &Strip, show: &Show<'_>, plate: &Plate) -> Result<Ended, QrError> {
    let (mut delay, mut number, mut shown) = (show.delay, show.from, 0u64);
    loop {
        shown += 1;
        let caption = format!("{}   code {shown}, {} needed, {} ms", show.caption, strip.least(), delay.as_millis());
        draw(&strip.symbol(number)?, &caption).map_err(QrError::Terminal)?;
        number = number.wrapping_add(1) & 0x00ff_ffff;
        if !plate.wait(delay).map_err(QrError::Terminal)? {
            continue;
        }
        match event::read().map_err(QrError::Terminal)? {
            Event::Key(key) if key.kind == KeyEventKind::Press => match meaning(key, show.ends) {
                Meaning::Faster => delay = (delay * 4 / 5).max(FASTEST),
                Meaning::Slower => delay = (delay * 5 / 4).min(SLOWEST),
                Meaning::Again => (number, shown) = (show.from, 0),
                Meaning::End(ended) => return Ok(ended),
                Meaning::Nothing => {}
            },
            Event::Resize(..) => queue!(io::stdout(), Clear(ClearType::All)).map_err(QrError::Terminal)?,
            _ => {}
        }
    }
}

enum Meaning {
    Faster,
    Slower,
    Again,
    End(Ended),
    Nothing,
}

fn meaning(key: KeyEvent, ends: Ends) -> Meaning {
    match key.code {
        KeyCode::Char('+' | '=') => Meaning::Faster,
        KeyCode::Char('-') => Meaning::Slower,
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Meaning::End(Ended::Cancelled),
        KeyCode::Esc | KeyCode::Char('q') => Meaning::End(Ended::Cancelled),
        KeyCode::Char('r' | 'R') if ends == Ends::Enter => Meaning::Again,
        KeyCode::Enter => Meaning::End(Ended::Next),
        _ if ends == Ends::AnyKey => Meaning::End(Ended::Next),
        _ => Meaning::Nothing,
    }
}

/// Finds the densest version whose plate and caption fit.
fn fitting(columns: u16, rows: u16, densest: u8, level: Level) -> Option<u8> {
    (1..=densest).rev().find(|version| {
        Density::new(*version, optical(level)).is_ok_and(|density| {
            let side = density.modules() + 2 * QUIET_ZONE;
            side <= u32::from(columns) && side.div_ceil(2) < u32::from(rows)
        })
    })
}

fn draw(symbol: &Symbol, caption: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let (columns, rows) = terminal::size()?;
    for (row, line) in (0..rows.saturating_sub(1)).zip(lines(symbol)) {
        queue!(out, cursor::MoveTo(0, row), SetForegroundColor(BLACK), SetBackgroundColor(WHITE), Print(line))?;
    }
    let caption: String = caption.chars().take(columns.into()).collect();
    queue!(out, ResetColor, cursor::MoveTo(0, rows.saturating_sub(1)), Clear(ClearType::CurrentLine), Print(caption))?;
    out.flush()
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
    fn the_density_fits_the_terminal() {
        assert_eq!(fitting(80, 24, 25, Level::L), Some(5));
        assert_eq!(fitting(200, 70, 25, Level::L), Some(25));
        assert_eq!(fitting(200, 70, 10, Level::L), Some(10));
        assert_eq!(fitting(28, 24, 25, Level::L), None);
    }
}
