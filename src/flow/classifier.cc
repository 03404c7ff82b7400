// SPDX-License-Identifier: Apache-2.0
#include "flow/classifier.h"

#include <algorithm>

namespace weft::flow {
namespace {

/// Where the mask words of a match and of a subtable meet: at(n-th key word of a rule) & bits.
struct Meeting {
    size_t nth;
    uint64_t bits, value;
};
std::vector<Meeting> meet(const SparseMatch& m, std::span<const MaskWord> mask) {
    std::vector<Meeting> out;
    m.for_each_word([&](size_t i, uint64_t bits, uint64_t value) {
        for (size_t n = 0; n < mask.size(); ++n) {
            const uint64_t common = mask[n].index == i ? mask[n].bits & bits : 0;
            if (common) out.push_back({n, common, value & common});
        }
    });
    return out;
}
bool agrees(const ClassifierRule& rule, const std::vector<Meeting>& meetings) {
    const auto key = rule.match().key_words();
    return std::ranges::all_of(meetings, [&](const Meeting& m) { return (key[m.nth] & m.bits) == m.value; });
}
/// True if `mask` has every bit that `criteria` has.
bool has_all_bits(std::span<const MaskWord> mask, const SparseMatch& criteria) {
    bool all = true;
    criteria.for_each_word([&](size_t i, uint64_t bits, uint64_t) {
        const auto w = std::ranges::find(mask, i, &MaskWord::index);
        all &= w != mask.end() && (w->bits & bits) == bits;
    });
    return all;
}

}  // namespace

std::span<const FieldId> default_prefix_fields() {
    static constexpr FieldId fields[] = {FieldId::ip_dst, FieldId::ip_src};
    return fields;
}

Classifier::Classifier(Retire retire) : retire_(std::move(retire)) {
    set_prefix_fields(default_prefix_fields());
}
Classifier::~Classifier() = default;

Classifier::Member* Classifier::member_of(const SparseMatch& match) const {
    // Rules of one mask often come together.
    if (last_ && last_->subtable->has_mask_of(match)) return last_;
    const auto [begin, end] = members_.equal_range(match.mask_hash());
    for (auto it = begin; it != end; ++it)
        if (it->second->subtable->has_mask_of(match)) return last_ = it->second.get();
    return nullptr;
}

void Classifier::measure(Member& member) const {
    member.lengths.clear();
    for (const auto& t : trackers_)
        member.lengths.push_back(static_cast<uint8_t>(t->field.length_in(member.subtable->shape())));
}

/// Readers do not see it before publish().
Classifier::Member& Classifier::add_member(const SparseMatch& match) {
    auto member = std::make_unique<Member>();
    member->subtable = std::make_shared<Subtable>(match);
    if (member->subtable->has_tail()) {
        const auto head = member->subtable->head_mask();
        auto& known = groups_[{head.begin(), head.end()}];
        member->group = known.lock();
        if (!member->group) {
            member->group = std::make_shared<HeadGroup>();
            member->group->mask.assign(head.begin(), head.end());
            known = member->group;
        }
    }
    measure(*member);
    return *members_.emplace(match.mask_hash(), std::move(member))->second;
}

void Classifier::remove_member(const Member& member) {
    const auto [begin, end] = members_.equal_range(member.subtable->shape().mask_hash());
    const auto it = std::find_if(begin, end, [&](const auto& e) { return e.second.get() == &member; });
    const std::shared_ptr<const Subtable> subtable = member.subtable;
    const std::shared_ptr<const HeadGroup> group = member.group;
    last_ = nullptr;
    members_.erase(it);
    if (group && group.use_count() == 1) groups_.erase(group->mask);
    publish();
    retire_(subtable);
    if (group) retire_(group);
}

void Classifier::track(const Member& member, const ClassifierRule& rule) const {
    for (size_t t = 0; t < trackers_.size(); ++t)
        if (member.lengths[t])
            trackers_[t]->trie.insert(trackers_[t]->field.read(rule.match()), member.lengths[t]);
}
void Classifier::untrack(const Member& member, const ClassifierRule& rule) const {
    for (size_t t = 0; t < trackers_.size(); ++t)
        if (member.lengths[t])
            trackers_[t]->trie.remove(trackers_[t]->field.read(rule.match()), member.lengths[t]);
}

void Classifier::set_prefix_fields(std::span<const FieldId> fields) {
    std::vector<std::shared_ptr<PrefixTracker>> old;
    old.swap(trackers_);
    const auto add = [&](FieldId id) {
        if (const auto field = PrefixField::of(id))
            trackers_.push_back(std::make_shared<PrefixTracker>(*field, retire_));
    };
    for (const FieldId id : fields) add(id);
    add(FieldId::tcp_src);  // UDP's and SCTP's ports lie in the same place
    add(FieldId::tcp_dst);
    for (const auto& [hash, member] : members_) {
        measure(*member);
        member->subtable->for_each([&](ClassifierRule& rule) {
            track(*member, rule);
            return true;
        });
    }
    publish();
    for (auto& tracker : old) retire_(std::move(tracker));
}

void Classifier::insert(ClassifierRule& rule) {
    ++n_rules_;
    Member* const known = member_of(rule.match());
    Member& member = known ? *known : add_member(rule.match());
    const uint64_t head = member.subtable->head_hash(rule.match());
    if (member.group) member.group->heads.add(Subtable::short_hash(head), retire_);
    track(member, rule);
    member.subtable->insert(rule, head, retire_);
    if (known)
        note_priority(member);
    else
        publish();
}

void Classifier::remove(ClassifierRule& rule) {
    Member* const member = member_of(rule.match());
    CHECK(member);
    member->subtable->remove(rule, retire_);
    untrack(*member, rule);
    if (member->group)
        member->group->heads.remove(Subtable::short_hash(member->subtable->head_hash(rule.match())), retire_);
    --n_rules_;
    if (member->subtable->empty())
        remove_member(*member);
    else
        note_priority(*member);
}

namespace {

/// From `rule` on in its list.
ClassifierRule* find_visible(ClassifierRule* rule, int32_t priority, Version v) {
    while (rule && (rule->priority() != priority || !rule->visible(v))) rule = Subtable::next(*rule);
    return rule;
}

}  // namespace

ClassifierRule* Classifier::find_exact(const SparseMatch& match, int32_t priority, Version v) const {
    const Member* member = member_of(match);
    return member ? find_visible(member->subtable->first(match), priority, v) : nullptr;
}

ClassifierRule* Classifier::find_exact(const ClassifierRule& like, Version v) const {
    const Member* member = member_of(like.match());
    return member ? find_visible(member->subtable->first(like), like.priority(), v) : nullptr;
}

void Classifier::prefetch(const ClassifierRule& rule) const {
    if (const Member* member = member_of(rule.match())) member->subtable->prefetch(rule);
}

ClassifierRule* Classifier::find_overlap(const SparseMatch& match, int32_t priority, Version v) const {
    ClassifierRule* found = nullptr;
    for (const auto& [hash, member] : members_) {
        const Subtable& subtable = *member->subtable;
        if (!subtable.has_priority(priority)) continue;
        const auto common = meet(match, subtable.mask());
        subtable.for_each([&](ClassifierRule& rule) {
            if (rule.priority() != priority || !rule.visible(v) || !agrees(rule, common)) return true;
            found = &rule;
            return false;
        });
        if (found) break;
    }
    return found;
}

void Classifier::for_each(const SparseMatch& criteria, Version v,
                          const std::function<bool(ClassifierRule&)>& visit) const {
    for (const auto& rank : index_.load(std::memory_order_acquire)->ranks) {
        const Subtable& subtable = *rank.subtable;
        if (!has_all_bits(subtable.mask(), criteria)) continue;
        if (subtable.has_mask_of(criteria)) {
            for (ClassifierRule* r = subtable.first(criteria); r; r = Subtable::next(*r))
                if (r->visible(v) && !visit(*r)) return;
            continue;
        }
        const auto common = meet(criteria, subtable.mask());
        const bool go_on = subtable.for_each(
            [&](ClassifierRule& rule) { return !rule.visible(v) || !agrees(rule, common) || visit(rule); });
        if (!go_on) return;
    }
}

}  // namespace weft::flow
