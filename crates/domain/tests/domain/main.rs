//! The state machine, proven and attacked: the privilege matrix, every rule with its failing and its passing
//! neighbour, and random histories against invariants. Everything is seeded; the clock is a number.
//!
//! Mutants: changes to the code that were tried by hand, and the test that turned red for each. Whoever touches one
//! of these places can repeat it.
//!
//! | changed in `src` | caught by |
//! |---|---|
//! | issuing: quorum believed from the state, not counted again | `signatures_are_counted_again_when_the_key_is_made` |
//! | exchange: distinct members and keys, but not persons | `two_desks_of_one_person_are_one_person`, the matrix |
//! | organisation: a change confirmed by the proposer's other desk | `a_change_takes_two_persons_whatever_it_is` |
//! | exchange: the bar for sponsors left out | `a_policy_may_bar_the_sponsor_from_either_signature`, the matrix |
//! | exchange: policy left out of the ground | `signatures_stand_only_on_the_ground_they_were_given_on` |
//! | exchange: a suspended signer still stands | `signatures_stand_only_on_the_ground_they_were_given_on` |
//! | exchange: the head left out of an approval | `an_approval_is_over_this_grant_this_log_this_moment_and_this_step` |
//! | exchange: an edit that keeps the signatures | `every_kind_of_edit_voids_every_signature` |
//! | exchange: no own call before signing | `production_and_admin_scopes_take_a_call_of_each_signer` |
//! | findings: structural findings may be missing | `what_the_log_shows_cannot_be_left_out_of_what_is_signed_or_altered` |
//! | terms: an empty list of networks counts as narrower | `a_grant_is_narrower_than_its_request_or_equal` |
//! | issuing: one rotation too many | `a_key_is_begun_once_at_a_time_and_replaced_as_often_as_the_grant_says`, the model |
//! | issuing: a fingerprint that exists already | `one_key_is_never_given_to_two_readers` |
//! | issuing: the nonce left out of a receipt | `a_receipt_is_the_recipients_for_this_envelope_and_from_inside_it` |
//! | stopping: what one disabled oneself counts as ripe | `beyond_the_pace_a_second_person_or_a_day_makes_it_final` |
//! | stopping: pace per desk, not per person | `one_person_revokes_as_many_keys_in_an_hour_as_the_policy_says_…` |
//! | organisation: replaced keys certified for others | `no_key_serves_two_members_two_purposes_or_the_root` |
//! | exchange and issuing: persons compared in neither place | `no_history_makes_a_key_that_two_persons_did_not_sign` |
//! | state: suspended members may act | `a_suspended_member_can_do_nothing_at_all_and_a_replaced_key_neither` |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "the matrix and the model say how much they covered")]

mod matrix;
mod model;
mod rules;
mod world;
