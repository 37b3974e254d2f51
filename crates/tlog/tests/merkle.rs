//! The tree and its proofs against the recursive definition of RFC 9162, section 2.1.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail a test")]

use std::time::{Duration, Instant};

use countersign_documents::{Digest, Head};
use countersign_tlog::{
    Frontier, ProofError, Tree, leaf_hash, node_hash, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

const LARGEST: u64 = 130;

fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// MTH of RFC 9162, word for word and without any memory.
fn naive_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => *leaf,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

/// PATH of RFC 9162.
fn naive_path(index: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (near, far) = if index < k { (&leaves[..k], &leaves[k..]) } else { (&leaves[k..], &leaves[..k]) };
    let mut path = naive_path(index % k, near);
    path.push(naive_root(far));
    path
}

/// SUBPROOF of RFC 9162.
fn naive_subproof(old: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (mut proof, far) = if old <= k {
        (naive_subproof(old, &leaves[..k], whole), &leaves[k..])
    } else {
        (naive_subproof(old - k, &leaves[k..], false), &leaves[..k])
    };
    proof.push(naive_root(far));
    proof
}

fn flips(proof: &[Digest]) -> impl Iterator<Item = Vec<Digest>> + '_ {
    (0..proof.len() * 256).map(|bit| {
        let mut flipped = proof.to_vec();
        flipped[bit / 256].0[bit % 256 / 8] ^= 1 << (bit % 8);
        flipped
    })
}

/// The same proof with one hash less, one more at the end, or two traded.
fn misshapen(proof: &[Digest]) -> Vec<Vec<Digest>> {
    let mut out = vec![[proof, &[Digest::of(b"more")]].concat(), [&[Digest::of(b"more")], proof].concat()];
    for i in 0..proof.len() {
        out.push([&proof[..i], &proof[i + 1..]].concat());
    }
    for i in 1..proof.len() {
        let mut traded = proof.to_vec();
        traded.swap(i - 1, i);
        out.push(traded);
    }
    out
}

#[test]
fn roots_of_all_sizes_are_those_of_the_definition() {
    let leaves = leaves(LARGEST);
    let tree = Tree::from_leaf_hashes(leaves.iter().copied());
    let mut frontier = Frontier::default();
    for size in 0..=LARGEST {
        let root = naive_root(&leaves[..size as usize]);
        assert_eq!(tree.root_at(size), Some(root), "root at {size}");
        assert_eq!(tree.head_at(size), Some(frontier.head()), "head at {size}");
        assert_eq!((frontier.size(), frontier.root()), (size, root), "frontier at {size}");
        let grown = Tree::from_leaf_hashes(leaves[..size as usize].iter().copied());
        assert_eq!(grown.frontier(), frontier, "a tree's right edge at {size} is what was pushed");
        if let Some(leaf) = leaves.get(size as usize) {
            frontier.push(*leaf);
        }
    }
    assert_eq!(tree.root_at(LARGEST + 1), None, "no root of what is not there");
    assert_eq!(tree.root_at(u64::MAX), None, "no root of what is not there");
}

#[test]
fn every_inclusion_proof_up_to_130_leaves_is_the_definitions_and_verifies() {
    let leaves = leaves(LARGEST);
    let tree = Tree::from_leaf_hashes(leaves.iter().copied());
    for size in 0..=LARGEST {
        let root = tree.root_at(size).unwrap();
        for index in 0..size {
            let proof = tree.inclusion_proof(index, size).unwrap();
            assert_eq!(proof, naive_path(index as usize, &leaves[..size as usize]), "{index} of {size}");
            let leaf = leaves[index as usize];
            assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()), "{index} of {size}");
            for wrong in misshapen(&proof) {
                assert!(verify_inclusion(leaf, index, size, &wrong, root).is_err(), "{index} of {size}");
            }
        }
        assert_eq!(tree.inclusion_proof(size, size), None, "no proof of a leaf outside the tree");
        assert_eq!(
            verify_inclusion(Digest::of(b""), size, size, &[], root),
            Err(ProofError::Outside),
            "nothing verifies outside the tree of {size}"
        );
    }
    assert_eq!(tree.inclusion_proof(0, LARGEST + 1), None, "no proof in a tree that is not there");
}

#[test]
fn every_consistency_proof_up_to_130_leaves_is_the_definitions_and_verifies() {
    let leaves = leaves(LARGEST);
    let tree = Tree::from_leaf_hashes(leaves.iter().copied());
    for new in 0..=LARGEST {
        let new_head = tree.head_at(new).unwrap();
        for old in 0..=new {
            let old_head = tree.head_at(old).unwrap();
            let proof = tree.consistency_proof(old, new).unwrap();
            if old > 0 {
                let wanted = naive_subproof(old as usize, &leaves[..new as usize], true);
                assert_eq!(proof, wanted, "{old} to {new}");
            }
            assert_eq!(verify_consistency(old_head, new_head, &proof), Ok(()), "{old} to {new}");
            for wrong in misshapen(&proof) {
                assert!(verify_consistency(old_head, new_head, &wrong).is_err(), "{old} to {new}");
            }
            let forked = Head { root: Digest::of(b"another history"), ..old_head };
            assert!(verify_consistency(forked, new_head, &proof).is_err(), "fork of {old} to {new}");
            let rewritten = Head { root: Digest::of(b"another history"), ..new_head };
            let free = old == 0 && new > 0;
            assert_eq!(
                verify_consistency(old_head, rewritten, &proof).is_ok(),
                free,
                "{old} to {new}: only the empty log says nothing about what follows"
            );
        }
        assert_eq!(tree.consistency_proof(new + 1, new), None, "a log does not shrink");
        let longer = Head { size: new + 1, root: new_head.root };
        assert_eq!(verify_consistency(longer, new_head, &[]), Err(ProofError::Outside), "nor in a proof");
    }
}

#[test]
fn every_flipped_bit_of_a_proof_is_refused() {
    let leaves = leaves(LARGEST);
    let tree = Tree::from_leaf_hashes(leaves.iter().copied());
    for size in [1, 2, 3, 6, 7, 8, 13, 33, 64, 130] {
        let new = tree.head_at(size).unwrap();
        for at in (0..size).filter(|at| *at < 3 || at % 11 == 0 || *at + 2 >= size) {
            let leaf = leaves[at as usize];
            for wrong in flips(&tree.inclusion_proof(at, size).unwrap()) {
                let verdict = verify_inclusion(leaf, at, size, &wrong, new.root);
                assert_eq!(verdict, Err(ProofError::WrongRoot), "inclusion of {at} in {size}");
            }
            for wrong in flips(&tree.consistency_proof(at, size).unwrap()) {
                let verdict = verify_consistency(tree.head_at(at).unwrap(), new, &wrong);
                assert_eq!(verdict, Err(ProofError::WrongRoot), "consistency of {at} with {size}");
            }
        }
    }
}

#[test]
fn a_leaf_proves_no_other_place_and_no_other_size_of_the_same_shape() {
    let leaves = leaves(40);
    let tree = Tree::from_leaf_hashes(leaves.iter().copied());
    for size in 1..=40 {
        let root = tree.root_at(size).unwrap();
        for (index, elsewhere) in (0..size).flat_map(|a| (0..size).map(move |b| (a, b))) {
            let proof = tree.inclusion_proof(index, size).unwrap();
            let verdict = verify_inclusion(leaves[index as usize], elsewhere, size, &proof, root);
            assert_eq!(verdict.is_ok(), index == elsewhere, "{index} shown at {elsewhere} of {size}");
        }
    }
}

#[test]
fn sizes_near_the_end_of_counting_are_refused_and_do_not_overflow() {
    let hash = Digest::of(b"any");
    for hashes in [0, 1, 62, 63, 64, 65, 130] {
        let proof = vec![hash; hashes];
        for size in [u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) + 1] {
            for index in [0, 1, 1 << 62, size - 2, size - 1] {
                assert!(verify_inclusion(hash, index, size, &proof, hash).is_err(), "{index} of {size}");
                let (old, new) =
                    (Head { size: index, root: hash }, Head { size, root: Digest::of(b"other") });
                assert!(verify_consistency(old, new, &proof).is_err(), "{index} to {size}");
            }
        }
    }
}

#[test]
fn a_node_cannot_pose_as_a_leaf() {
    let (a, b) = (leaf_hash(b"a"), leaf_hash(b"b"));
    let posing = leaf_hash(&[a.0, b.0].concat());
    assert_ne!(posing, node_hash(&a, &b), "leaves and nodes are hashed under different first bytes");
}

#[test]
fn a_stored_frontier_goes_on_where_it_stopped_and_a_damaged_one_is_refused() {
    let mut frontier = Frontier::default();
    for leaf in leaves(77) {
        let stored = serde_json::to_string(&frontier).unwrap();
        let mut restored: Frontier = serde_json::from_str(&stored).unwrap();
        frontier.push(leaf);
        restored.push(leaf);
        assert_eq!(restored, frontier, "at {}", frontier.size());
    }
    let stored = serde_json::to_string(&frontier).unwrap();
    for size in ["76", "79", "0", "18446744073709551615"] {
        let damaged = stored.replace("\"size\":77", &format!("\"size\":{size}"));
        assert_ne!(damaged, stored, "the size was altered");
        assert!(serde_json::from_str::<Frontier>(&damaged).is_err(), "77 leaves are not {size}");
    }
    let full = serde_json::json!({"size": u64::MAX, "peaks": vec![Digest::of(b"any"); 64]});
    assert!(serde_json::from_value::<Frontier>(full).is_err(), "the next leaf could not be counted");
}

#[test]
fn a_hundred_thousand_leaves_stay_fast() {
    let tree = Tree::from_leaf_hashes(leaves(100_000));
    let began = Instant::now();
    for i in 0..2_000u64 {
        let (old, new) = (i * 50, 100_000 - i * 3);
        let (old, new) = (old.min(new), old.max(new));
        let heads = (tree.head_at(old).unwrap(), tree.head_at(new).unwrap());
        let proof = tree.consistency_proof(old, new).unwrap();
        assert!(proof.len() <= 18, "a proof has one hash a level, not one a leaf");
        assert_eq!(verify_consistency(heads.0, heads.1, &proof), Ok(()), "{old} to {new}");
    }
    // Hashing all leaves again for each of 4,000 roots would be 400 million hashes: minutes. This takes well under
    // a second, and the bound only tells the two apart.
    assert!(began.elapsed() < Duration::from_secs(30), "old roots are read, not recomputed");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_two_sizes_of_any_tree_are_consistent(
        contents in proptest::collection::vec(any::<[u8; 4]>(), 1..400), a in any::<u16>(), b in any::<u16>()
    ) {
        let tree = Tree::from_leaf_hashes(contents.iter().map(|bytes| leaf_hash(bytes)));
        let (a, b) = (u64::from(a) % (tree.size() + 1), u64::from(b) % (tree.size() + 1));
        let (old, new) = (a.min(b), a.max(b));
        let proof = tree.consistency_proof(old, new).unwrap();
        prop_assert_eq!(verify_consistency(tree.head_at(old).unwrap(), tree.head_at(new).unwrap(), &proof), Ok(()));
    }
}
