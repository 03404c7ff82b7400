// SPDX-License-Identifier: Apache-2.0
#include "bridge/config_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/result.h"
#include "base/spelling.h"
#include "ovsdb/known_keys.h"

namespace weft::bridge {
namespace {

struct Heeded {
    KeyName name;
    std::string_view otherwise;  ///< what is used where the key is absent or makes no sense
};
/// test/tidy/test_config_keys.py compares it with what the code asks for.
constexpr Heeded heeded[] = {
    {{"Bridge", "other_config", "controller-queue-size"}, "100"},
    {{"Bridge", "other_config", "datapath-id"}, "that of its MAC address"},
    {{"Bridge", "other_config", "disable-in-band"}, "false"},
    {{"Bridge", "other_config", "dp-desc"}, ""},
    {{"Bridge", "other_config", "dp-sn"}, ""},
    {{"Bridge", "other_config", "forward-bpdu"}, "false"},
    {{"Bridge", "other_config", "hwaddr"}, "that of a port"},
    {{"Bridge", "other_config", "in-band-queue"}, "no queue"},
    {{"Bridge", "other_config", "mac-aging-time"}, "300"},
    {{"Bridge", "other_config", "mac-table-size"}, "8192"},
    {{"Interface", "bfd", "enable"}, "false"},
    {{"Interface", "lldp", "enable"}, "false"},
    {{"Interface", "other_config", "ebpf-hook"}, "auto"},
    {{"Open_vSwitch", "other_config", "bundle-idle-timeout"}, "10"},
    {{"Open_vSwitch", "other_config", "ebpf"}, "true"},
    {{"Open_vSwitch", "other_config", "enable-statistics"}, "false"},
    {{"Open_vSwitch", "other_config", "flow-limit"}, "200000"},
    {{"Open_vSwitch", "other_config", "flow-restore-wait"}, "false"},
    {{"Open_vSwitch", "other_config", "max-idle"}, "10000"},
    {{"Open_vSwitch", "other_config", "max-resubmits"}, "65536"},
    {{"Open_vSwitch", "other_config", "max-revalidator"}, "500"},
    {{"Open_vSwitch", "other_config", "max-translation-depth"}, "64"},
    {{"Open_vSwitch", "other_config", "pmd-cpu-mask"}, "the usual number of threads"},
    {{"Open_vSwitch", "other_config", "self-check-ppm"}, "1000"},
    {{"Open_vSwitch", "other_config", "stats-update-interval"}, "5000"},
    {{"Open_vSwitch", "other_config", "vlan-limit"}, "1"},
    {{"Port", "other_config", "priority-tags"}, "never"},
    {{"Port", "other_config", "qinq-ethtype"}, "802.1ad"},
    {{"Port", "other_config", "transient"}, "false"},  // ovs-ctl's
};

using ovsdb::KnownKey;

const Heeded* find_heeded(const KeyName& name) {
    const auto* found = std::ranges::find(heeded, name, &Heeded::name);
    return found == std::end(heeded) ? nullptr : found;
}

const KnownKey* find_known(const KeyName& name) {
    const auto& keys = ovsdb::vswitch_keys();
    const auto found = std::ranges::find_if(keys, [&](const KnownKey& known) {
        return known.table == name.table && known.column == name.column && known.covers(name.key);
    });
    return found == keys.end() ? nullptr : &*found;
}

std::optional<int64_t> parse(std::string_view text) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string problem_of_value(const Heeded& key, const KnownKey& known, std::string_view value) {
    const std::string wanted = ovsdb::fault_of(known, value);
    if (wanted.empty()) return {};
    const auto number = known.kind == KnownKey::Kind::integer ? parse(value) : std::nullopt;
    const std::string used =
        number ? std::to_string(std::clamp(*number, known.min, known.max)) : std::string(key.otherwise);
    return fmt::format("is \"{}\", and should be {}: {} is used instead", value, wanted, used);
}

}  // namespace

std::string problem_of_key(const KeyName& name, std::string_view value) {
    const KnownKey* known = find_known(name);
    const Heeded* key = find_heeded(name);
    if (known && key) return problem_of_value(*key, *known, value);
    if (known && name.column == "options")
        return "is for ports of another type, or not supported yet, and is ignored (see "
               "doc/compatibility.md)";
    // Of a protocol that there is not, the column is told of as a whole.
    if (known) return name.column == "other_config" ? Unsupported{}.problem : "";
    std::vector<std::string_view> names;
    for (const KnownKey& other : ovsdb::vswitch_keys())
        if (other.table == name.table && other.column == name.column) names.push_back(other.key);
    std::string guess = hint(name.key, names);
    std::ranges::replace(guess, '\n', ' ');
    return "is no key that is known and is ignored." + guess;
}

int64_t number_of(const StringMap& other_config, std::string_view table, std::string_view key) {
    const auto value = number_if_any(other_config, table, key);
    CHECK(value);
    return *value;
}

std::optional<int64_t> number_if_any(const StringMap& other_config, std::string_view table,
                                     std::string_view key) {
    const KeyName name{table, "other_config", key};
    const KnownKey* known = find_known(name);
    const Heeded* listed = find_heeded(name);
    CHECK(known && listed);
    const auto value = parse(get(other_config, key));
    return value ? std::clamp(*value, known->min, known->max) : parse(listed->otherwise);
}

}  // namespace weft::bridge
