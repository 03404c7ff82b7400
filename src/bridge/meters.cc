// SPDX-License-Identifier: Apache-2.0
#include "bridge/meters.h"

#include <algorithm>

namespace weft::bridge {

namespace {

using openflow::MeterCommand;
using openflow::OfError;
using openflow::OfResult;
using openflow::refuse;

bool valid(uint32_t id) {
    return (id > 0 && id <= action::meter_max) || id == action::meter_controller ||
           id == action::meter_slow_path;
}

OfResult<> check_bands(const openflow::MeterSpec& spec, const dp::MeterFeatures& can) {
    if (spec.bands.empty() || spec.bands.size() > can.max_bands) return refuse(OfError::mmfc_out_of_bands);
    for (const auto& b : spec.bands) {
        if (b.type != action::MeterBand::Type::drop) return refuse(OfError::mmfc_bad_band);
        if (b.rate == 0) return refuse(OfError::mmfc_bad_rate);
    }
    return {};
}

}  // namespace

OfResult<> Meters::check(const openflow::MeterMod& mod) const {
    if (!valid(mod.id)) return refuse(OfError::mmfc_invalid_meter);
    const bool exists = all_.contains(mod.id);
    if (mod.command == MeterCommand::add && exists) return refuse(OfError::mmfc_meter_exists);
    if (mod.command == MeterCommand::modify && !exists) return refuse(OfError::mmfc_unknown_meter);
    return {};
}

OfResult<> Meters::apply(const openflow::MeterMod& mod, dp::Datapath& datapath, Time now) {
    if (mod.command == MeterCommand::remove) {
        if (mod.id == action::meter_all) return remove_all(datapath), OfResult<>{};
        if (!valid(mod.id)) return refuse(OfError::mmfc_invalid_meter);
        if (const auto it = all_.find(mod.id); it != all_.end()) {
            datapath.remove_meter(it->second.dp_meter);
            all_.erase(it);
        }
        return {};
    }
    TRY(check(mod));
    TRY(check_bands(mod.spec, datapath.meter_features()));
    const auto it = all_.find(mod.id);
    const std::optional<uint32_t> old = it == all_.end() ? std::nullopt : std::optional(it->second.dp_meter);
    const auto set = datapath.set_meter(old, mod.spec, now);
    if (!set) return refuse(OfError::mmfc_out_of_meters);
    all_[mod.id] = {mod.spec, *set, old ? it->second.created : now};
    return {};
}

OfResult<> Meters::restore(const openflow::MeterConfig& config, Time created,
                           const action::MeterCounts& counts, dp::Datapath& datapath) {
    TRY(apply({MeterCommand::add, config.id, config.spec}, datapath, created));
    all_.at(config.id).before = counts;
    return {};
}

action::MeterCounts Meters::counts(uint32_t id, const dp::Datapath& datapath) const {
    const Entry& entry = all_.at(id);
    action::MeterCounts out = datapath.meter_counts(entry.dp_meter).value_or(action::MeterCounts{});
    out.packets += entry.before.packets;
    out.bytes += entry.before.bytes;
    out.bands.resize(entry.spec.bands.size());
    for (size_t i = 0; i < std::min(out.bands.size(), entry.before.bands.size()); ++i) {
        out.bands[i].packets += entry.before.bands[i].packets;
        out.bands[i].bytes += entry.before.bands[i].bytes;
    }
    return out;
}

OfResult<std::vector<uint32_t>> Meters::list(uint32_t id) const {
    if (id != action::meter_all) {
        if (!all_.contains(id)) return refuse(OfError::mmfc_unknown_meter);
        return std::vector{id};
    }
    std::vector<uint32_t> out;
    out.reserve(all_.size());
    for (const auto& [number, entry] : all_) out.push_back(number);
    return out;
}

openflow::MeterStats Meters::stats(uint32_t id, const dp::Datapath& datapath, Time now) const {
    const Entry& entry = all_.at(id);
    openflow::MeterStats out{.id = id};
    out.counts = counts(id, datapath);
    const auto age = std::max<int64_t>(0, (now - entry.created).count());
    constexpr int64_t ns_per_s = 1'000'000'000, ns_per_ms = 1'000'000;
    out.duration_s = static_cast<uint32_t>(age / ns_per_s);
    out.duration_ns = static_cast<uint32_t>(age % ns_per_s / ns_per_ms * ns_per_ms);
    return out;
}

std::map<uint32_t, uint32_t> Meters::numbers() const {
    std::map<uint32_t, uint32_t> out;
    for (const auto& [id, entry] : all_) out.emplace(id, entry.dp_meter);
    return out;
}

void Meters::remove_all(dp::Datapath& datapath) {
    for (const auto& [id, entry] : all_) datapath.remove_meter(entry.dp_meter);
    all_.clear();
}

}  // namespace weft::bridge
