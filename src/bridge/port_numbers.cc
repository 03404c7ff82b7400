// SPDX-License-Identifier: Apache-2.0
#include "bridge/port_numbers.h"

namespace weft::bridge {

bool PortNumbers::is_free_for(OfPort port, std::string_view name, bool asked_for) const {
    const auto it = by_number_.find(port);
    return it == by_number_.end() || it->second.name == name || (asked_for && !it->second.asked);
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
    const auto usable = [&](std::optional<int64_t> wanted, bool asked_for) -> std::optional<OfPort> {
        if (!wanted || *wanted < 1 || *wanted > max_request) return std::nullopt;
        const OfPort port{static_cast<uint16_t>(*wanted)};
        if (!is_free_for(port, interface.name, asked_for)) return std::nullopt;
        return port;
    };
    std::optional<OfPort> port = usable(interface.ofport_request, true);
    const bool asked = port.has_value();
    if (!port) port = find(interface.name);
    if (!port) port = usable(interface.ofport, false);
    if (!port) port = take_free();
    if (!port) return port;
    if (const auto other = by_number_.find(*port); other != by_number_.end())
        release(std::string(other->second.name));
    release(interface.name);
    by_name_[interface.name] = *port;
    by_number_[*port] = {interface.name, asked};
    return port;
}

void PortNumbers::keep(std::string_view name, OfPort number) {
    if (number == OfPort{0} || number.value > max_request || by_number_.contains(number)) return;
    release(name);
    by_name_[std::string(name)] = number;
    by_number_[number] = {std::string(name), false};
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
