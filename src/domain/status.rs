//! How the work on a measure or project may go on.

use entity::state::Status::{self, Cancelled, Completed, InProgress, Planned};

/// Where work begins.
pub fn planned() -> Status {
    Planned
}

/// Where the work on a published record may go from here. Completed and cancelled are final: to correct a mistake the record is
/// unpublished first.
pub fn next(from: Status) -> &'static [Status] {
    match from {
        Planned => &[InProgress, Completed, Cancelled],
        InProgress => &[Completed, Cancelled],
        Completed | Cancelled => &[],
    }
}

/// Staying where it is is always allowed, so that the same change can be sent twice.
pub fn allowed(from: Status, to: Status) -> bool {
    from == to || next(from).contains(&to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_completed_measure_cannot_go_back() {
        const ALL: [Status; 4] = [Planned, InProgress, Completed, Cancelled];
        let row = |from| ALL.map(|to| if allowed(from, to) { 'x' } else { '.' }).iter().collect::<String>();
        let grid = ALL.map(|from| format!("{:<11}{}", format!("{from:?}"), row(from))).join("\n");
        println!("from\\to    PICX\n{grid}");
        assert_eq!(
            grid,
            "Planned    xxxx\n\
             InProgress .xxx\n\
             Completed  ..x.\n\
             Cancelled  ...x"
        );
    }
}
