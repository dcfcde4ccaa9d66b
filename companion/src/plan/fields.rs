//! Looking into a TOML table: what is there, of which kind, and what does not belong there.
//!
//! Nothing stops at the first fault, so that somebody who writes a plan by hand is told everything
//! at once, each with its line.

use super::fault::Faults;
use std::ops::RangeInclusive;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A value and the byte at which it stands.
#[derive(Debug, Clone)]
pub(super) struct Spot<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

/// One table.
pub(super) struct Fields<'t> {
    /// Its name in faults, such as `[limits]` or `key 2`.
    what: String,
    table: &'t DeTable<'t>,
}

impl<'t> Fields<'t> {
    /// Takes a table, and names every field that is not one of `known`.
    pub(super) fn of(what: String, table: &'t DeTable<'t>, known: &[&str], faults: &mut Faults<'_>) -> Self {
        for (name, _) in table.iter() {
            let typed: &str = name.get_ref();
            if !known.contains(&typed) {
                let all = known.join(", ");
                faults.at(name.span().start, format!("{what} has no field `{}`. Its fields are: {all}", plain(typed)));
            }
        }
        Self { what, table }
    }

    /// Tells whether there is a field of this name, of whatever kind.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Gives the byte at which a field's value stands.
    pub(super) fn at(&self, name: &str) -> Option<usize> {
        self.value(name).map(|value| value.span().start)
    }

    /// Reads text.
    pub(super) fn text(&self, name: &str, faults: &mut Faults<'_>) -> Option<Spot<&'t str>> {
        let value = self.value(name)?;
        text(value).or_else(|| self.other_kind(name, value, "text in quotes", faults))
    }

    /// Reads a whole number within what is possible.
    pub(super) fn whole<T: TryFrom<i64>>(&self, name: &str, range: RangeInclusive<i64>, faults: &mut Faults<'_>) -> Option<T> {
        let value = self.value(name)?;
        let Some(typed) = value.get_ref().as_integer() else {
            return self.other_kind(name, value, "a whole number without quotes", faults);
        };
        let number = i64::from_str_radix(typed.as_str(), typed.radix()).ok().filter(|number| range.contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            faults.at(
                value.span().start,
                format!("`{name}` of {} is {typed}, which is not possible. Write a number from {least} to {most}", self.what),
            );
        }
        number
    }

    /// Reads a yes or no.
    pub(super) fn truth(&self, name: &str, faults: &mut Faults<'_>) -> Option<bool> {
        let value = self.value(name)?;
        value.get_ref().as_bool().or_else(|| self.other_kind(name, value, "true or false, without quotes", faults))
    }

    /// Reads a list of texts; those of another kind are named and left out.
    pub(super) fn texts(&self, name: &str, faults: &mut Faults<'_>) -> Option<Vec<Spot<&'t str>>> {
        let value = self.value(name)?;
        let Some(items) = value.get_ref().as_array() else {
            return self.other_kind(name, value, "a list such as [\"…\", \"…\"]", faults);
        };
        let mut found = Vec::new();
        for item in items.iter() {
            found.extend(text(item).or_else(|| self.other_kind(name, item, "a list of texts in quotes", faults)));
        }
        Some(found)
    }

    /// Reads year, month and day of a date alone.
    pub(super) fn date(&self, name: &str, faults: &mut Faults<'_>) -> Option<Spot<(u16, u8, u8)>> {
        let value = self.value(name)?;
        let date = value.get_ref().as_datetime().filter(|found| found.time.is_none() && found.offset.is_none());
        match date.and_then(|found| found.date) {
            Some(date) => Some(Spot { value: (date.year, date.month, date.day), at: value.span().start }),
            None => self.other_kind(name, value, "a date without quotes and without a time, such as 2030-01-31", faults),
        }
    }

    /// Gives a table within this one.
    pub(super) fn table(&self, name: &str, faults: &mut Faults<'_>) -> Option<&'t DeTable<'t>> {
        let value = self.value(name)?;
        value.get_ref().as_table().or_else(|| self.other_kind(name, value, &format!("lines under [{name}]"), faults))
    }

    /// Gives a row of tables within this one.
    pub(super) fn tables(&self, name: &str, faults: &mut Faults<'_>) -> Option<Vec<Spot<&'t DeTable<'t>>>> {
        let value = self.value(name)?;
        let wanted = format!("lines under [[{name}]], with two brackets");
        let Some(items) = value.get_ref().as_array() else { return self.other_kind(name, value, &wanted, faults) };
        let mut found = Vec::new();
        for item in items.iter() {
            let table = item.get_ref().as_table().map(|value| Spot { value, at: item.span().start });
            found.extend(table.or_else(|| self.other_kind(name, item, &wanted, faults)));
        }
        Some(found)
    }

    fn value(&self, name: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.get(name)
    }

    fn other_kind<T>(&self, name: &str, value: &Spanned<DeValue<'_>>, wanted: &str, faults: &mut Faults<'_>) -> Option<T> {
        let found = kind(value.get_ref());
        faults.at(value.span().start, format!("`{name}` of {} is {found}. Write {wanted}", self.what));
        None
    }
}

fn text<'t>(value: &'t Spanned<DeValue<'t>>) -> Option<Spot<&'t str>> {
    Some(Spot { value: value.get_ref().as_str()?, at: value.span().start })
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Writes what was typed so that it cannot draw on a screen.
pub(super) fn plain(typed: &str) -> String {
    crate::screen::shown(typed).to_string()
}
