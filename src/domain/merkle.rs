//! The Merkle tree of RFC 6962, section 2.1: one hash commits to a whole history, and short proofs show what is in it.
//!
//! A tree is kept as the hashes of its perfect subtrees: that of level `l` and index `i` is over the leaves from `i << l`
//! to `(i + 1) << l`. Level 0 are the leaves.

use aws_lc_rs::digest::{Context, SHA256};

pub type Hash = [u8; 32];

/// A perfect subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, std::hash::Hash)]
pub struct Place {
    pub level: u32,
    pub index: u64,
}

pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The first byte keeps a leaf from passing for a node.
pub fn leaf(text: &[u8]) -> Hash {
    sha256(&[&[0], text])
}

pub fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The hash of a range of leaves from those of the perfect subtrees that it consists of, as [`range`] lists them.
pub fn folded(subtrees: &[Hash]) -> Hash {
    let mut from_the_right = subtrees.iter().rev();
    match from_the_right.next() {
        Some(last) => from_the_right.fold(*last, |right, left| node(left, &right)),
        None => sha256(&[]),
    }
}

/// The perfect subtrees of the leaves from `start` to `end`, the largest first. `start` is where one so large may begin.
pub fn range(mut start: u64, end: u64) -> Vec<Place> {
    let mut places = Vec::new();
    while start < end {
        let level = (end - start).ilog2();
        places.push(Place { level, index: start >> level });
        start += 1 << level;
    }
    places
}

/// The right edge of a tree: all that is needed to add to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    pub size: u64,
    /// The hashes of `range(0, size)`.
    pub subtrees: Vec<Hash>,
}

impl Edge {
    pub fn root(&self) -> Hash {
        folded(&self.subtrees)
    }

    /// Adds a leaf; tells the inner nodes that are complete with it.
    pub fn add(&mut self, leaf: Hash) -> Vec<(Place, Hash)> {
        let mut complete = Vec::new();
        let mut hash = leaf;
        for level in 1..=self.size.trailing_ones() {
            let Some(left) = self.subtrees.pop() else { break };
            hash = node(&left, &hash);
            complete.push((Place { level, index: self.size >> level }, hash));
        }
        self.subtrees.push(hash);
        self.size += 1;
        complete
    }
}

/// The largest power of two below `n`, which is 2 or more.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// What proves that leaf `index` is in the tree of the first `size` leaves (section 2.1.1): the subtrees of each hash.
pub fn inclusion(index: u64, size: u64) -> Vec<Vec<Place>> {
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range(middle, end));
            end = middle;
        } else {
            proof.push(range(start, middle));
            start = middle;
        }
    }
    proof.reverse();
    proof
}

/// What proves that the tree of the first `from` leaves was the beginning of that of the first `to` (section 2.1.2).
pub fn consistency(from: u64, to: u64) -> Vec<Vec<Place>> {
    let mut proof = Vec::new();
    if from == 0 || from == to {
        return proof;
    }
    let (mut start, mut end) = (0, to);
    while end != from {
        let middle = start + split(end - start);
        if from <= middle {
            proof.push(range(middle, end));
            end = middle;
        } else {
            proof.push(range(start, middle));
            start = middle;
        }
    }
    // The verifier knows the root of the old tree, but not of its parts.
    if start > 0 {
        proof.push(range(start, end));
    }
    proof.reverse();
    proof
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(hash: Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn an_empty_tree_has_the_hash_of_nothing() {
        assert_eq!(hex(Edge::default().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn the_right_edge_is_what_the_range_says_and_its_nodes_are_those_of_the_leaves() {
        let leaves: Vec<Hash> = (0..300_u32).map(|number| leaf(&number.to_be_bytes())).collect();
        let mut edge = Edge::default();
        let mut nodes = 0;
        for (size, leaf) in (1..).zip(&leaves) {
            for (place, hash) in edge.add(*leaf) {
                let (first, last) =
                    ((place.index << place.level) as usize, ((place.index + 1) << place.level) as usize);
                assert_eq!(hash, root_of(&leaves[first..last]));
                nodes += 1;
            }
            assert_eq!(edge.subtrees.len(), range(0, size).len());
            assert_eq!(edge.root(), root_of(&leaves[..size as usize]));
        }
        assert_eq!(nodes, 300 - range(0, 300).len());
    }

    /// As the RFC defines it.
    fn root_of(leaves: &[Hash]) -> Hash {
        match leaves {
            [one] => *one,
            many => {
                let (left, right) = many.split_at(split(many.len() as u64) as usize);
                node(&root_of(left), &root_of(right))
            }
        }
    }
}
