// SPDX-License-Identifier: Apache-2.0
#include "bridge/config_keys.h"

#include <algorithm>
#include <vector>

#include "base/spelling.h"
#include "bridge/config.h"
#include "ovsdb/known_keys.h"

namespace weft::bridge {
namespace {

struct Key {
    std::string_view table, name;
    bool operator==(const Key&) const = default;
};
/// test/tidy/test_config_keys.py compares it with what the code asks for.
constexpr Key heeded[] = {
    {"Bridge", "controller-queue-size"},
    {"Bridge", "datapath-id"},
    {"Bridge", "disable-in-band"},
    {"Bridge", "dp-desc"},
    {"Bridge", "dp-sn"},
    {"Bridge", "forward-bpdu"},
    {"Bridge", "hwaddr"},
    {"Bridge", "in-band-queue"},
    {"Bridge", "mac-aging-time"},
    {"Bridge", "mac-table-size"},
    {"Interface", "ebpf-hook"},
    {"Open_vSwitch", "bundle-idle-timeout"},
    {"Open_vSwitch", "ebpf"},
    {"Open_vSwitch", "enable-statistics"},
    {"Open_vSwitch", "flow-limit"},
    {"Open_vSwitch", "flow-restore-wait"},
    {"Open_vSwitch", "max-idle"},
    {"Open_vSwitch", "max-resubmits"},
    {"Open_vSwitch", "max-revalidator"},
    {"Open_vSwitch", "max-translation-depth"},
    {"Open_vSwitch", "pmd-cpu-mask"},
    {"Open_vSwitch", "self-check-ppm"},
    {"Open_vSwitch", "stats-update-interval"},
    {"Open_vSwitch", "vlan-limit"},
    {"Port", "priority-tags"},
    {"Port", "qinq-ethtype"},
    {"Port", "transient"},  // ovs-ctl's
};

}  // namespace

std::string problem_of_key(std::string_view table, std::string_view key) {
    if (std::ranges::find(heeded, Key{table, key}) != std::end(heeded)) return {};
    std::vector<std::string_view> names;
    for (const ovsdb::KnownKey& known : ovsdb::vswitch_keys()) {
        if (known.table != table || known.column != "other_config") continue;
        if (known.covers(key)) return Unsupported{}.problem;
        names.push_back(known.key);
    }
    std::string guess = hint(key, names);
    std::ranges::replace(guess, '\n', ' ');
    return "is no key that is known and is ignored." + guess;
}

}  // namespace weft::bridge
