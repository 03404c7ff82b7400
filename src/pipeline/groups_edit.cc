// SPDX-License-Identifier: Apache-2.0
#include "pipeline/groups_edit.h"

#include <algorithm>
#include <unordered_set>

#include "action/outputs_to.h"

namespace weft::pipeline {

namespace {

using action::Bucket;
using action::GroupSpec;
using Kind = ChangeError::Kind;

std::unexpected<ChangeError> refuse(Kind kind, const std::string& what) {
    return std::unexpected(ChangeError{kind, what});
}

std::string named(uint32_t id) { return "group " + std::to_string(id); }

/// Buckets that came without an id get the lowest that is free.
void give_ids(std::vector<Bucket>& buckets) {
    std::unordered_set<uint32_t> taken;
    for (const Bucket& b : buckets) taken.insert(b.id);
    uint32_t next = 0;
    for (Bucket& b : buckets) {
        if (b.id != action::bucket_all) continue;
        while (taken.contains(next)) ++next;
        b.id = next++;
    }
}

auto find(std::vector<Bucket>& buckets, uint32_t id) { return std::ranges::find(buckets, id, &Bucket::id); }

}  // namespace

std::optional<uint32_t> GroupsEdit::missing(const action::Actions& actions) const {
    std::optional<uint32_t> out;
    for_each_group(actions, [&](uint32_t id) {
        if (!out && !groups_.find(id, next_)) out = id;
    });
    return out;
}

/// Whether packets can come from these buckets to group `id`.
bool GroupsEdit::reaches(const GroupSpec& from, uint32_t id) const {
    std::unordered_set<uint32_t> met;
    std::vector<uint32_t> ahead;
    const auto look = [&](const GroupSpec& spec) {
        for (const Bucket& b : spec.buckets)
            for_each_group(b.actions, [&](uint32_t next) {
                if (met.insert(next).second) ahead.push_back(next);
            });
    };
    look(from);
    while (!ahead.empty() && !met.contains(id)) {
        const GroupPtr group = groups_.find(ahead.back(), next_);
        ahead.pop_back();
        if (group) look(group->spec());
    }
    return met.contains(id);
}

GroupsEdit::Done GroupsEdit::put(uint32_t id, GroupSpec spec, const Group* old) {
    if (reaches(spec, id)) return refuse(Kind::group_loop, named(id) + " would lead to itself");
    give_ids(spec.buckets);
    auto group = std::make_shared<Group>(id, std::move(spec), old ? old->created() : now_);
    GroupPtr replaced = groups_.put(group, next_);
    steps_.push_back({std::move(group), std::move(replaced)});
    return {};
}

GroupsEdit::Done GroupsEdit::insert(const GroupChange& change, const Group& old) {
    GroupSpec spec = old.spec();
    auto& have = spec.buckets;
    const auto& fresh = change.spec.buckets;
    for (const Bucket& b : fresh)
        if (find(have, b.id) != have.end())
            return refuse(Kind::bucket_exists, named(old.id()) + " has a bucket " + std::to_string(b.id));
    auto at = have.end();
    if (change.bucket == action::bucket_first) {
        at = have.begin();
    } else if (change.bucket != action::bucket_last) {
        at = find(have, change.bucket);
        if (at == have.end())
            return refuse(Kind::unknown_bucket,
                          named(old.id()) + " has no bucket " + std::to_string(change.bucket));
        ++at;
    }
    have.insert(at, fresh.begin(), fresh.end());
    return put(old.id(), std::move(spec), &old);
}

GroupsEdit::Done GroupsEdit::remove_buckets(const GroupChange& change, const Group& old) {
    GroupSpec spec = old.spec();
    auto& have = spec.buckets;
    if (change.bucket == action::bucket_all) {
        have.clear();
    } else if (change.bucket == action::bucket_first) {
        if (!have.empty()) have.erase(have.begin());
    } else if (change.bucket == action::bucket_last) {
        if (!have.empty()) have.pop_back();
    } else {
        const auto at = find(have, change.bucket);
        if (at == have.end())
            return refuse(Kind::unknown_bucket,
                          named(old.id()) + " has no bucket " + std::to_string(change.bucket));
        have.erase(at);
    }
    return put(old.id(), std::move(spec), &old);
}

GroupsEdit::Done GroupsEdit::apply(const GroupChange& change, std::vector<uint32_t>& gone) {
    using Command = GroupChange::Command;
    const auto take = [&](uint32_t id) {
        GroupPtr old = groups_.remove(id, next_);
        if (!old) return;
        gone.push_back(id);
        steps_.push_back({nullptr, std::move(old)});
    };
    if (change.command == Command::remove) {
        if (change.id != action::group_all) return take(change.id), Done{};
        std::vector<uint32_t> all;
        groups_.visit(next_, [&](const GroupPtr& g) { all.push_back(g->id()); });
        for (const uint32_t id : all) take(id);
        return {};
    }
    const GroupPtr old = groups_.find(change.id, next_);
    if (change.command == Command::add && old)
        return refuse(Kind::group_exists, named(change.id) + " exists already: modify it instead");
    if (!old && change.command != Command::add && change.command != Command::add_or_modify)
        return refuse(Kind::unknown_group, named(change.id) + " does not exist");
    if (change.command == Command::insert_buckets) return insert(change, *old);
    if (change.command == Command::remove_buckets) return remove_buckets(change, *old);
    return put(change.id, change.spec, old.get());
}

std::vector<uint32_t> GroupsEdit::touched() const {
    std::vector<uint32_t> out;
    out.reserve(steps_.size());
    for (const Step& s : steps_) out.push_back((s.added ? s.added : s.removed)->id());
    return out;
}

void GroupsEdit::undo() {
    for (auto s = steps_.rbegin(); s != steps_.rend(); ++s) groups_.undo(s->added, s->removed);
}

}  // namespace weft::pipeline
