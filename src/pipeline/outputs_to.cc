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

bool uses_group(const action::Actions&, uint32_t) { return false; }

}  // namespace weft::pipeline
