// SPDX-License-Identifier: Apache-2.0
// Lists of datapath actions inside other datapath actions.
#include "pipeline/translator.h"

namespace weft::pipeline {

action::dp::Actions Translator::made_by(const std::function<void()>& body) {
    action::dp::Actions inside;
    std::swap(inside, out_.actions);
    const flow::FlowKey before = base_;
    const NewHeaders headers = headers_;
    body();
    std::swap(inside, out_.actions);
    base_ = before;
    headers_ = headers;
    unwrap_last(inside);
    return inside;
}

void Translator::in_datapath_clone(const std::function<void()>& body) {
    if (!more_) return body();
    commit();  // once, not in the clone and after it
    action::dp::Actions inside = made_by(body);
    if (inside.empty()) return;
    add(action::dp::Clone{std::make_shared<const action::dp::Actions>(std::move(inside))});
}

void Translator::branch_on_length(const action::CheckPktLarger& a) {
    if (!may_go_deeper()) return;
    commit();
    const std::span<const action::Action> rest = rest_;
    obs::TraceNode* const parent = trace_parent_;
    const bool exited = exit_;
    bool exits = exited;
    const auto branch = [&](bool larger) {
        exit_ = exited;
        trace_parent_ = parent;
        ++depth_;
        ++resubmits_;  // each answer doubles the work of what follows
        auto made = made_by([&] {
            in_clone([&] {
                view_.write(a.dst, flow::FieldValue::from_u64(larger));
                execute(rest);
            });
        });
        --depth_;
        exits |= exit_;
        return std::make_shared<const action::dp::Actions>(std::move(made));
    };
    const flow::FlowView before = view_;
    action::dp::CheckPktLen check{.size = a.length, .greater = branch(true), .less_equal = nullptr};
    if (planted(Plant::length_forgets_branch)) view_ = before;
    check.less_equal = branch(false);
    add(std::move(check));
    // What it holds was carried out in both.
    action_set_.clear();
    exit_ = exits;
    end_list();
}

}  // namespace weft::pipeline
