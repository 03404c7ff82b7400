// SPDX-License-Identifier: Apache-2.0
#include "pipeline/outputs_to.h"

#include <algorithm>

namespace weft::pipeline {

namespace {

struct OutputsTo {
    OfPort port;
    bool operator()(const action::Output& a) const { return a.port == port; }
    bool operator()(const action::OutputTrunc& a) const { return a.port == port; }
    bool operator()(const action::Enqueue& a) const { return a.port == port; }
    bool operator()(const action::Controller&) const { return port == ofpp::controller; }
    bool operator()(const action::Clone& a) const { return outputs_to(a.actions, port); }
    bool operator()(const action::WriteActions& a) const { return outputs_to(a.actions, port); }
    template <class T>
    bool operator()(const T&) const {
        return false;
    }
};

}  // namespace

bool outputs_to(const action::Actions& actions, OfPort port) {
    return std::ranges::any_of(actions, [&](const auto& a) { return std::visit(OutputsTo{port}, a.v); });
}

bool uses_group(const action::Actions& actions, uint32_t group) {
    bool found = false;
    for_each_group(actions, [&](uint32_t id) { found |= id == group; });
    return found;
}

namespace {

/// Calls `visit` with each action of type T, also inside others.
template <class T, class Visit>
void for_each_of(const action::Actions& actions, const Visit& visit) {
    for (const auto& a : actions) {
        if (const auto* one = std::get_if<T>(&a.v)) visit(*one);
        if (const auto* clone = std::get_if<action::Clone>(&a.v)) for_each_of<T>(clone->actions, visit);
        if (const auto* set = std::get_if<action::WriteActions>(&a.v)) for_each_of<T>(set->actions, visit);
    }
}

}  // namespace

void for_each_group(const action::Actions& actions, const std::function<void(uint32_t)>& visit) {
    for_each_of<action::Group>(actions, [&](const action::Group& a) { visit(a.group); });
}

void for_each_meter(const action::Actions& actions, const std::function<void(uint32_t)>& visit) {
    for_each_of<action::Meter>(actions, [&](const action::Meter& a) { visit(a.meter); });
}

}  // namespace weft::pipeline
