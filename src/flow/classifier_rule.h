// SPDX-License-Identifier: Apache-2.0
// The part of a rule that the classifier knows.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "flow/sparse.h"

namespace weft::flow {

/// A version of the tables: a number that only grows.
using Version = uint64_t;
inline constexpr Version version_never = ~Version{0};

/// The rule meets condition `clause` of the `n_clauses` that the conjunction has.
struct Clause {
    uint32_t conjunction = 0;
    uint8_t clause = 0;  ///< from 0
    uint8_t n_clauses = 0;
};

/// Resource type, intrusive: derive a rule from it, own it elsewhere. In the classifier from insert() to
/// remove(), and after that until no reader is left that started before. Match and priority never change;
/// the versions may be set by the writer at any time.
///
/// A rule with clauses never matches by itself: see Classifier.
class ClassifierRule {
  public:
    ClassifierRule(const Match& match, int32_t priority, Version added = 0, std::vector<Clause> clauses = {})
        : ClassifierRule(SparseMatch(match), priority, added, std::move(clauses)) {}
    ClassifierRule(SparseMatch match, int32_t priority, Version added = 0, std::vector<Clause> clauses = {})
        : match_(std::move(match)),
          priority_(priority),
          hash_(static_cast<uint32_t>(match_.key_hash() >> 32)),
          added_(added),
          clauses_(clauses.empty() ? nullptr : new std::vector<Clause>(std::move(clauses))) {}
    ClassifierRule(const ClassifierRule&) = delete;
    ClassifierRule& operator=(const ClassifierRule&) = delete;

    const SparseMatch& match() const { return match_; }
    int32_t priority() const { return priority_; }
    bool is_conjunctive() const { return clauses_ != nullptr; }
    const std::vector<Clause>& clauses() const { return *clauses_; }

    /// Seen by readers of versions v with added() <= v < removed().
    Version added() const { return added_.load(std::memory_order_relaxed); }
    Version removed() const { return removed_.load(std::memory_order_relaxed); }
    void set_added(Version v) { added_.store(v, std::memory_order_relaxed); }
    void set_removed(Version v) { removed_.store(v, std::memory_order_relaxed); }
    bool visible(Version v) const { return added() <= v && v < removed(); }

  protected:
    ~ClassifierRule() = default;
    /// The rule has room for the words of its match's key.
    void put_keys(uint64_t* place) { match_.put_keys(place); }

  private:
    friend class Subtable;
    SparseMatch match_;
    int32_t priority_;
    uint32_t hash_;
    std::atomic<Version> added_;
    std::atomic<Version> removed_{version_never};
    std::unique_ptr<const std::vector<Clause>> clauses_;  // null: none
    std::atomic<ClassifierRule*> next_{nullptr};          // same key, by falling priority
};

}  // namespace weft::flow
