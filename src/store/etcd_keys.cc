// SPDX-License-Identifier: Apache-2.0
#include "store/etcd_keys.h"

namespace weft::store::etcd {
namespace {

/// The index in "log/INDEX" or "part/INDEX/...".
std::optional<uint64_t> index_in(std::string_view name) {
    name.remove_prefix(name.find('/') + 1);
    return parse_hex(name.substr(0, name.find('/')));
}

bool is_held(std::string_view name) {
    return name == "leader" || name == "writer" || name.starts_with("lock/");
}

}  // namespace

void Keys::set(std::string name, KeyValue kv) {
    if (name == "head") {
        head_revision = kv.mod_revision;
    } else if (name == "base") {
        base_revision = kv.mod_revision;
        if (auto parsed = parse_base(kv.value)) base = *parsed;
    } else if (name.starts_with("log/")) {
        const auto index = index_in(name);
        if (!index) return;
        log_size += kv.value.size();
        log[*index] = std::move(kv.value);
    } else if (name.starts_with("part/")) {
        log_size += kv.value.size();
        parts[std::move(name)] = std::move(kv.value);
    } else if (name.starts_with("snapshot/")) {
        snapshot[std::move(name)] = std::move(kv.value);
    } else if (name.starts_with("server/")) {
        servers[name.substr(name.find('/') + 1)] = std::move(kv.value);
    } else if (is_held(name)) {
        holders[std::move(name)] = {std::move(kv.value), kv.mod_revision};
    }
}

void Keys::erase(const std::string& name) {
    if (name == "head") head_revision = 0;
    if (name == "base") base_revision = 0;
    holders.erase(name);
    parts.erase(name);
    snapshot.erase(name);
    if (name.starts_with("server/")) servers.erase(name.substr(name.find('/') + 1));
}

Result<std::optional<ovsdb::ClusterEntry>> Keys::entry(uint64_t index) const {
    const auto it = log.find(index);
    if (it == log.end()) return std::nullopt;
    const auto wrong = [&](const std::string& why) {
        return fail("entry " + std::to_string(index) + " of the log: " + why);
    };
    auto value = parse_log_value(it->second);
    if (!value) return wrong(value.error().message);
    if (value->parts == 0) return std::move(value->entry);
    std::string whole;
    for (size_t i = 0; i < value->parts; ++i) {
        const auto part = parts.find(part_key(index, value->entry.id, i));
        if (part == parts.end()) return wrong("part " + std::to_string(i) + " is missing");
        whole += part->second;
    }
    value = parse_log_value(whole);
    if (!value) return wrong(value.error().message);
    if (value->parts > 0) return wrong("its parts say that it is in parts");
    return std::move(value->entry);
}

void Keys::forget_entry(uint64_t index) {
    log.erase(index);
    parts.erase(parts.begin(), parts.lower_bound("part/" + hex(index + 1)));
}

Result<ovsdb::ClusterContents> Keys::load_snapshot() {
    std::string whole;
    for (size_t i = 0; i < base.chunks; ++i) {
        const auto chunk = snapshot.find(snapshot_key(base.snapshot, i));
        if (chunk == snapshot.end())
            return fail("chunk " + std::to_string(i) + " of the snapshot is missing");
        whole += chunk->second;
    }
    snapshot.clear();
    auto out = parse_snapshot(whole);
    if (!out) return fail("the snapshot: " + out.error().message);
    out->last = base.last;
    return out;
}

}  // namespace weft::store::etcd
