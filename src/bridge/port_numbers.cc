// SPDX-License-Identifier: Apache-2.0
#include "bridge/port_numbers.h"

namespace weft::bridge {

bool PortNumbers::is_free_for(OfPort port, std::string_view name) const {
    const auto it = by_number_.find(port);
    return it == by_number_.end() || it->second == name;
}

std::optional<OfPort> PortNumbers::take_free() {
    for (int64_t tried = 0; tried < max_request; ++tried) {
        last_ = last_ >= max_request ? uint16_t{1} : static_cast<uint16_t>(last_ + 1);
        if (!by_number_.contains(OfPort{last_})) return OfPort{last_};
    }
    return std::nullopt;
}

std::optional<OfPort> PortNumbers::assign(const InterfaceConfig& interface, bool is_local) {
    if (is_local) return ofpp::local;
    const auto usable = [&](std::optional<int64_t> wanted) -> std::optional<OfPort> {
        if (!wanted || *wanted < 1 || *wanted > max_request) return std::nullopt;
        const OfPort port{static_cast<uint16_t>(*wanted)};
        if (!is_free_for(port, interface.name)) return std::nullopt;
        return port;
    };
    std::optional<OfPort> port = usable(interface.ofport_request);
    const auto has = by_name_.find(interface.name);
    if (!port && has != by_name_.end()) return has->second;
    if (!port) port = usable(interface.ofport);
    if (!port) port = take_free();
    if (!port) return port;
    release(interface.name);
    by_name_[interface.name] = *port;
    by_number_[*port] = interface.name;
    return port;
}

void PortNumbers::release(std::string_view name) {
    const auto it = by_name_.find(name);
    if (it == by_name_.end()) return;
    by_number_.erase(it->second);
    by_name_.erase(it);
}

std::optional<OfPort> PortNumbers::find(std::string_view name) const {
    const auto it = by_name_.find(name);
    if (it == by_name_.end()) return std::nullopt;
    return it->second;
}

}  // namespace weft::bridge
