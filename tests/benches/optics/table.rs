//! Rows for people, and the same as JSON for the script that draws them.

use serde_json::{Value, json};

/// What would be good enough.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

pub(crate) struct Table {
    rows: Vec<Value>,
    series: Vec<Value>,
    seed: u64,
}

impl Table {
    pub(crate) fn new(seed: u64) -> Self {
        println!("\nseed {seed}\n{:<64} {:>9}   {:>8}   {:<8} remark", "what", "measured", "goal", "");
        Self { rows: Vec::new(), series: Vec::new(), seed }
    }

    /// Adds a figure that has a goal; `name` is what the script knows it by.
    pub(crate) fn goal(&mut self, name: &str, what: &str, measured: f64, goal: Goal, remark: &str) {
        let (reached, text) = match goal {
            Goal::AtMost(limit) => (measured <= limit, if limit == 0.0 { "0".to_owned() } else { format!("≤ {limit}") }),
            Goal::AtLeast(limit) => (measured >= limit, format!("≥ {limit}")),
        };
        println!("{what:<64} {measured:>9.3}   {text:>8}   {:<8} {remark}", if reached { "reached" } else { "missed" });
        self.rows.push(
            json!({ "name": name, "what": what, "measured": measured, "goal": text, "reached": reached, "remark": remark }),
        );
    }

    /// Adds a figure that only tells.
    pub(crate) fn tell(&mut self, name: &str, what: &str, measured: f64, remark: &str) {
        println!("{what:<64} {measured:>9.3}   {:>8}   {:<8} {remark}", "", "");
        self.rows.push(json!({ "name": name, "what": what, "measured": measured, "remark": remark }));
    }

    /// Adds a point of a plot.
    pub(crate) fn point(&mut self, plot: &str, point: Value) {
        self.series.push(json!({ "plot": plot, "point": point }));
    }

    pub(crate) fn write(&self, file: &str) {
        let whole = json!({ "seed": self.seed, "rows": self.rows, "series": self.series });
        std::fs::write(file, serde_json::to_vec_pretty(&whole).unwrap()).unwrap();
    }
}
