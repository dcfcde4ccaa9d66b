//! The date, which the custodians confirm: most boards have no clock of their own.

use crate::{
    event::Event,
    screen::{Button, Field, FieldState, Notice, Screen, View},
};
use time::{OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

const FORM: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]");

/// A date being confirmed.
pub(crate) struct Date {
    clock: u64,
    last: u64,
    text: String,
}

/// What comes of an event.
pub(crate) enum Dated {
    Still(Date, Option<Notice>),
    /// Seconds since 1970 UTC.
    Confirmed(u64),
    Cancelled,
}

impl Date {
    /// Starts with what the clock says; `last` is the time before which it cannot be.
    pub(crate) fn new(clock: u64, last: u64) -> Self {
        Self { clock, last, text: written(clock) }
    }

    pub(crate) fn handle(mut self, event: Event) -> Dated {
        match event {
            Event::Press(Button::Cancel) => Dated::Cancelled,
            Event::Type(Field::Date, typed) => {
                self.text.clone_from(&typed.0);
                Dated::Still(self, None)
            }
            Event::Press(Button::Continue) => match self.typed() {
                Ok(date) => Dated::Confirmed(date),
                Err(notice) => Dated::Still(self, Some(notice)),
            },
            _ => Dated::Still(self, None),
        }
    }

    fn typed(&self) -> Result<u64, Notice> {
        let date = if self.text == written(self.clock) { self.clock } else { read(&self.text).ok_or(Notice::NotADate)? };
        // What is typed has no seconds, and the last entry may be of the same minute.
        let date = if written(date) == written(self.last) { date.max(self.last) } else { date };
        if date < self.last { Err(Notice::DateBefore(self.last)) } else { Ok(date) }
    }

    pub(crate) fn screen(&self) -> Screen {
        let mut screen = Screen::of(View::Date { clock: self.clock }, &[Button::Continue, Button::Cancel]);
        screen.fields.push(FieldState::plain(Field::Date, &self.text));
        screen
    }
}

fn written(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    moment.and_then(|moment| moment.format(FORM).ok()).unwrap_or_default()
}

fn read(text: &str) -> Option<u64> {
    let moment = PrimitiveDateTime::parse(text.trim(), FORM).ok()?;
    u64::try_from(moment.assume_utc().unix_timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written() {
        assert_eq!(read("2026-11-21 14:30"), Some(1_795_271_400));
        assert_eq!(written(1_795_271_400), "2026-11-21 14:30");
        for wrong in
            ["", "21.11.2026", "2026-13-01 00:00", "2026-02-30 10:00", "2026-11-21", "1969-12-31 23:59", "9".repeat(400).as_str()]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_date_before_the_last_entry_is_refused_but_the_same_minute_is_not() {
        let date = |text: &str| Date { clock: 0, last: 1_795_271_430, text: text.to_owned() };
        assert_eq!(date("2026-11-21 14:30").typed(), Ok(1_795_271_430));
        assert_eq!(date("2026-11-21 14:29").typed(), Err(Notice::DateBefore(1_795_271_430)));
        assert_eq!(date("2026-11-21 14:31").typed(), Ok(1_795_271_460));
    }
}
