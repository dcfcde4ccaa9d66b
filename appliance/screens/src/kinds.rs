//! Which kind of screen shows which view.

use cloison_ceremony::View;

/// A kind of screen; each has one `.slint` file and one global in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named as its file is")]
pub enum Kind {
    Home,
    Message,
    Compare,
    Form,
    Date,
    Plan,
    RollCall,
    Dice,
    Passphrase,
    Card,
    ReadBack,
    Present,
    Check,
    Scan,
    Show,
    Review,
    Emergencies,
    Record,
    Desk,
    Manage,
    Choose,
}

impl Kind {
    /// Finds the kind of screen that shows a view. One that is newer than this program is a message.
    #[must_use]
    pub fn of(view: &View) -> Self {
        match view {
            View::Home(_) | View::Alarm { .. } => Self::Home,
            View::Plan | View::Name { .. } => Self::Form,
            View::PlanPage { .. } => Self::Plan,
            View::Date { .. } => Self::Date,
            View::RollCall { .. } => Self::RollCall,
            View::Dice { .. } => Self::Dice,
            View::Passphrase { .. } => Self::Passphrase,
            View::Card { .. } => Self::Card,
            View::ReadBack { .. } => Self::ReadBack,
            View::Cards { .. } => Self::Present,
            View::Check { .. } => Self::Check,
            View::Scan { .. } | View::Trial { .. } => Self::Scan,
            View::Pattern | View::Reply | View::Export { .. } | View::Drilled { .. } => Self::Show,
            View::Enrolment { .. } | View::Succession { .. } => Self::Compare,
            View::Review { .. } => Self::Review,
            View::Emergencies { .. } => Self::Emergencies,
            View::Record { .. } => Self::Record,
            View::Desk { .. } => Self::Desk,
            View::Manage { .. } => Self::Manage,
            View::Choose { .. } => Self::Choose,
            View::Start | View::Entropy | View::Saving | View::Unsaved | View::EndRehearsal | View::Created { .. } => {
                Self::Message
            }
            View::GiveUp { .. } | View::Restored { .. } | View::Stopped { .. } | View::Following { .. } => Self::Message,
            View::Refused(_) | View::Ended => Self::Message,
            _ => Self::Message,
        }
    }

    /// Tells whether the screen has a square at its left, for a code or for what the camera sees.
    pub(crate) fn is_beside_a_square(self) -> bool {
        matches!(self, Self::Card | Self::ReadBack | Self::Present | Self::Check | Self::Scan | Self::Show)
    }

    /// Tells whether the screen lists what can be done, rather than asking one question.
    pub(crate) fn is_menu(self) -> bool {
        matches!(self, Self::Home | Self::Desk | Self::Manage | Self::Choose)
    }

    /// Tells whether nothing goes on before the whole text was turned through.
    pub(crate) fn is_read_first(self) -> bool {
        matches!(self, Self::Review | Self::Plan | Self::Emergencies | Self::Compare | Self::Message | Self::Record)
    }
}
