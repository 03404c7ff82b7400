// SPDX-License-Identifier: Apache-2.0
#include "openflow/flow_mod_run.h"

#include <utility>

namespace weft::openflow {
FlowModRun::FlowModRun(ByteSpan received, const Dialect& dialect, FlowModReader& reader,
                       std::function<void(ByteSpan)> seen)
    : received_(received), dialect_(dialect), reader_(reader), seen_(std::move(seen)) {
    look_ahead();
}

void FlowModRun::look_ahead() {
    ahead_ = {};
    const ByteSpan rest = received_.subspan(bytes_);
    if (messages_ == longest || rest.size() < header_size) return;
    const size_t length = read_header(rest).length;
    if (length < header_size || length > rest.size()) return;
    const auto command = flow_mod_command(rest.first(length), dialect_.version);
    if (!command) return;
    if (messages_ == 0)
        removes_ = is_remove(*command);
    else if (is_remove(*command) && !removes_)
        return;
    ahead_ = rest.first(length);
}

OfResult<std::optional<TableChange>> FlowModRun::next() {
    if (ahead_.empty()) return std::nullopt;
    current_ = ahead_;
    bytes_ += current_.size();
    ++messages_;
    look_ahead();
    if (seen_) seen_(current_);
    TRY(reader_.read(current_, dialect_));
    if (reader_.mod().buffer_id != no_buffer) return refuse(OfError::brc_buffer_unknown);
    return TableChange(&reader_.mod());
}

}  // namespace weft::openflow
