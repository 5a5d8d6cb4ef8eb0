//! What a public table of counts may show, so that nobody is found in it. A count of 1 to 4 is hidden (primary cell
//! suppression), and so is whatever would tell it (secondary, or complementary, suppression): Handbook on Statistical
//! Disclosure Control, 2nd edition 2024, chapters 4 and 5.
//!
//! The attacker is assumed to know the total, the shown cells and this file. Every hidden cell then has at least two
//! possible values, and a hidden count of 1 to 4 has two within that range, even for an attacker who knows which cells
//! are small. Two tables cannot be protected, since their total is public: those of one case, and those of one cell.
//! Differences between tables (a year and its months, today and yesterday) are not considered here.

use std::collections::BTreeMap;

use serde::Serialize;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Disclosure = "Disclosure" ("ระดับการเปิดเผยตัวเลข", "How much of the figures is shown, and why not all.") {
        Exact = "exact" (
            "ตัวเลขจริงทั้งหมด", "exact",
            "ไม่มีการปกปิดตัวเลข",
            "No count is suppressed."
        ),
        SmallCountsSuppressed = "small_counts_suppressed" (
            "ปกปิดจำนวนน้อย", "small counts suppressed",
            "จำนวน 1 ถึง 4 และตัวเลขที่ใช้คำนวณย้อนกลับได้ไม่แสดง เพื่อป้องกันการระบุตัวบุคคล",
            "Counts of 1 to 4 are null, as is any other value from which they could be calculated, so that no person is identified."
        ),
        TotalsOnly = "totals_only" (
            "แสดงเฉพาะยอดรวม", "totals only",
            "ไม่แสดงรายละเอียด เพราะเมื่อเทียบกับตัวเลขอื่นจะระบุตัวบุคคลได้",
            "The breakdown is null, since a comparison with other public figures could identify a person."
        ),
    }
}

/// The least count that is shown, but for 0.
const LEAST: u64 = 5;

/// A cell of a table as the public sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Shown(u64),
    Hidden,
}

/// A table as the public sees it. The total is shown beside it, always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    Cells(BTreeMap<String, Cell>),
    /// No cell is shown, not even those that are 0.
    Withheld,
}

/// What may be shown of a table. It has a cell for every value that there can be, even at 0, and one for the cases without a
/// value: its cells add up to the total.
///
/// 1. Counts of 1 to 4 are hidden. Their sum follows from what is shown: that of n such counts is from n to 4n.
/// 2. Where the sum is within one of n or of 4n, which tells them or nearly, the first cell of 5 or more is hidden with
///    them: the first by name, since to be chosen by its size would tell its size.
/// 3. Where nothing but zeros would then be shown, they are hidden, too. All such tables are withheld, even where the zeros
///    would do no harm: otherwise, to be withheld would tell that they would.
pub fn protect(cells: &BTreeMap<String, u64>) -> Published {
    let hidden: Vec<u64> = cells.values().copied().filter(|count| small(*count)).collect();
    let first_large = cells.iter().find(|(_, count)| **count >= LEAST).map(|(name, _)| name);
    let complement = first_large.filter(|_| tells(&hidden));
    let cell = |name, count| if small(count) || complement == Some(name) { Cell::Hidden } else { Cell::Shown(count) };
    let published: BTreeMap<_, _> = cells.iter().map(|(name, count)| (name.clone(), cell(name, *count))).collect();
    let nothing_left = published.values().all(|cell| matches!(cell, Cell::Hidden | Cell::Shown(0)));
    if nothing_left && !hidden.is_empty() { Published::Withheld } else { Published::Cells(published) }
}

/// Whether a yes and a no may be shown where their sum is known.
pub fn pair(yes: u64, no: u64) -> bool {
    !small(yes) && !small(no)
}

fn small(count: u64) -> bool {
    (1..LEAST).contains(&count)
}

/// Whether the sum of small counts leaves too little open: within one of the least or the most that they can be.
fn tells(small: &[u64]) -> bool {
    let (sum, least) = (small.iter().sum::<u64>(), small.len() as u64);
    let most = least * (LEAST - 1);
    !small.is_empty() && (sum < least + 2 || most < sum + 2)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;

    /// What is published of cells a, b, c and so on: `5 ? 0`, or `withheld`.
    fn published(counts: &[u64]) -> String {
        let cells = ('a'..).zip(counts).map(|(name, count)| (name.to_string(), *count)).collect();
        let written = |cell: &Cell| match cell {
            Cell::Shown(count) => count.to_string(),
            Cell::Hidden => "?".to_owned(),
        };
        match protect(&cells) {
            Published::Cells(cells) => cells.values().map(written).collect::<Vec<_>>().join(" "),
            Published::Withheld => "withheld".to_owned(),
        }
    }

    fn is_hidden(published: &str, cell: usize) -> bool {
        published.split(' ').nth(cell).is_none_or(|text| text == "?" || text == "withheld")
    }

    /// Every table of so many cells and this total.
    fn tables(cells: usize, total: u64) -> Vec<Vec<u64>> {
        if cells == 1 {
            return vec![vec![total]];
        }
        let with =
            |first: u64| tables(cells - 1, total - first).into_iter().map(move |rest| [vec![first], rest].concat());
        (0..=total).flat_map(with).collect()
    }

    /// Whether a small count could be another one, and a single case in another cell, with the same published.
    fn is_open(counts: &[u64], cell: usize) -> bool {
        let others = (0..counts.len()).filter(|other| *other != cell);
        others.flat_map(|other| [(cell, other), (other, cell)]).any(|(from, to)| {
            let mut moved = counts.to_vec();
            moved[to] += 1;
            moved[from] = moved[from].saturating_sub(1);
            counts[from] > 0 && small(moved[cell]) && published(&moved) == published(counts)
        })
    }

    #[test]
    fn small_counts_are_hidden_with_what_would_tell_them() {
        for (counts, expected) in [
            (&[][..], ""),
            (&[0, 0, 0], "0 0 0"),
            (&[5, 0, 12], "5 0 12"),
            // Between 1 and 4 each, and 5 together: that is enough.
            (&[2, 3, 9, 0], "? ? 9 0"),
            // One alone is the total less the others; so are two that are 1 each.
            (&[9, 3, 7, 0], "? ? 7 0"),
            (&[1, 1, 9, 7], "? ? ? 7"),
            (&[4, 3, 9, 7], "? ? ? 7"),
            // Nothing but zeros would be left.
            (&[3, 9, 0, 0], "withheld"),
            (&[2, 3, 0, 0], "withheld"),
            (&[4, 4, 4], "withheld"),
            (&[0, 1], "withheld"),
            // The total is public, so one cell is: that it is withheld changes nothing.
            (&[3], "withheld"),
            (&[8], "8"),
        ] {
            assert_eq!(published(counts), expected, "{counts:?}");
        }
    }

    #[test]
    fn every_hidden_cell_of_every_small_table_has_two_values_that_are_published_alike() {
        for (cells, total) in (2..=4).flat_map(|cells| (0..=25).map(move |total| (cells, total))) {
            let mut alike: HashMap<String, Vec<BTreeSet<u64>>> = HashMap::new();
            for counts in tables(cells, total) {
                let values = alike.entry(published(&counts)).or_insert_with(|| vec![BTreeSet::new(); cells]);
                values.iter_mut().zip(counts).for_each(|(values, count)| _ = values.insert(count));
            }
            for (published, values) in alike {
                for (cell, values) in values.iter().enumerate() {
                    assert_eq!(is_hidden(&published, cell), values.len() > 1, "{published} of {total}: {values:?}");
                    assert!(is_hidden(&published, cell) || !values.iter().any(|count| small(*count)), "{published}");
                }
            }
        }
    }

    #[test]
    fn a_hidden_small_count_could_be_one_more_or_one_less() {
        let small_tables = (2..=4).flat_map(|cells| (2..=14).flat_map(move |total| tables(cells, total)));
        let large_tables = [0, 1, 2, 3, 4].into_iter().flat_map(|most| {
            let pairs = [[1, 1], [1, 5], [4, 4], [4, 5], [4, 6], [3, 5], [5, 6], [2, 90]];
            pairs.into_iter().flat_map(move |[one, other]| {
                (1..12).map(move |place| {
                    let mut counts = vec![most; 12];
                    (counts[0], counts[place]) = (one, other);
                    counts
                })
            })
        });
        for counts in small_tables.chain(large_tables) {
            for cell in (0..counts.len()).filter(|cell| small(counts[*cell])) {
                assert!(is_open(&counts, cell), "{counts:?} at {cell}: {}", published(&counts));
            }
        }
    }

    #[test]
    fn a_pair_that_is_not_shown_can_be_two_pairs_at_least() {
        for sum in 0..=40 {
            let hidden = (0..=sum).filter(|yes| !pair(*yes, sum - yes)).count();
            assert_ne!(hidden, 1, "{sum}");
        }
        assert!(pair(0, 0) && pair(0, 5) && pair(7, 5));
        assert!(!pair(0, 4) && !pair(1, 90) && !pair(5, 2));
    }
}
