// SPDX-License-Identifier: Apache-2.0
#include "action/outputs_to.h"

#include <algorithm>

namespace weft::action {

namespace {

struct OutputsTo {
    OfPort port;
    bool operator()(const Output& a) const { return a.port == port; }
    bool operator()(const OutputTrunc& a) const { return a.port == port; }
    bool operator()(const Enqueue& a) const { return a.port == port; }
    bool operator()(const Controller&) const { return port == ofpp::controller; }
    bool operator()(const Clone& a) const { return outputs_to(a.actions, port); }
    bool operator()(const WriteActions& a) const { return outputs_to(a.actions, port); }
    template <class T>
    bool operator()(const T&) const {
        return false;
    }
};

}  // namespace

bool outputs_to(const Actions& actions, OfPort port) {
    return std::ranges::any_of(actions, [&](const auto& a) { return std::visit(OutputsTo{port}, a.v); });
}

bool uses_group(const Actions& actions, uint32_t group) {
    bool found = false;
    for_each_group(actions, [&](uint32_t id) { found |= id == group; });
    return found;
}

namespace {

/// Calls `visit` with each action of type T, also inside others.
template <class T, class Visit>
void for_each_of(const Actions& actions, const Visit& visit) {
    for (const auto& a : actions) {
        if (const auto* one = std::get_if<T>(&a.v)) visit(*one);
        if (const auto* clone = std::get_if<Clone>(&a.v)) for_each_of<T>(clone->actions, visit);
        if (const auto* set = std::get_if<WriteActions>(&a.v)) for_each_of<T>(set->actions, visit);
    }
}

}  // namespace

void for_each_group(const Actions& actions, const std::function<void(uint32_t)>& visit) {
    for_each_of<Group>(actions, [&](const Group& a) { visit(a.group); });
}

void for_each_meter(const Actions& actions, const std::function<void(uint32_t)>& visit) {
    for_each_of<Meter>(actions, [&](const Meter& a) { visit(a.meter); });
}

}  // namespace weft::action
