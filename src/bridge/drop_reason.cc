// SPDX-License-Identifier: Apache-2.0
#include "bridge/drop_reason.h"

#include <array>

namespace weft::bridge {

namespace {

struct Words {
    std::string_view name, text;
};
constexpr std::array<Words, static_cast<size_t>(SwitchDrop::count)> switch_words{{
    {"no_controller", "it is for the controllers, and none takes it"},
    {"controller_busy", "the controller's queue is full, or its rate limit is used up"},
    {"controller_inbox_full", "too many packets for controllers at once"},
    {"rx_overflow", "the port's receive queue was full"},
    {"upcall_overload", "the port's receive queue was full because most packets needed translation"},
    {"flow_restore_wait", "flows are being restored: other_config:flow-restore-wait of Open_vSwitch is true"},
}};

std::string_view without(std::string_view prefix, std::string_view name) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    return name;
}

std::string_view name_of(pipeline::Drop d) { return without("drop_action_", pipeline::coverage_name(d)); }
std::string_view name_of(dp::Drop d) { return without("datapath_drop_", dp::coverage_name(d)); }
std::string_view name_of(SwitchDrop d) { return switch_words[static_cast<size_t>(d)].name; }

std::string_view text_of(pipeline::Drop d) { return pipeline::explanation(d); }
std::string_view text_of(dp::Drop d) { return dp::explanation(d); }
std::string_view text_of(SwitchDrop d) { return switch_words[static_cast<size_t>(d)].text; }

template <class T>
void add_all(std::vector<DropReason>& out, T first) {
    for (auto i = static_cast<uint8_t>(first); i < static_cast<uint8_t>(T::count); ++i)
        out.emplace_back(static_cast<T>(i));
}

}  // namespace

std::string_view DropReason::name() const {
    if (is(dp::Drop::invalid_port)) return "output_port_gone";  // the pipeline has an invalid_port, too
    return std::visit([](auto d) { return name_of(d); }, v);
}
std::string_view DropReason::text() const {
    return std::visit([](auto d) { return text_of(d); }, v);
}

std::vector<DropReason> all_drop_reasons() {
    std::vector<DropReason> out;
    add_all(out, static_cast<pipeline::Drop>(static_cast<uint8_t>(pipeline::Drop::none) + 1));
    add_all(out, static_cast<dp::Drop>(static_cast<uint8_t>(dp::Drop::flow) + 1));
    add_all(out, SwitchDrop{});
    return out;
}

}  // namespace weft::bridge
