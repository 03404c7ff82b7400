// SPDX-License-Identifier: Apache-2.0
// What a switch answers, as JSON (the schema is in ovs-ofctl(8)). Ports are numbers, or a string for reserved
// ones; counters that are not kept are null.
#pragma once

#include "codec/json.h"
#include "openflow/message.h"

namespace weft::openflow {

codec::Json to_json(const FlowStats& flow);
codec::Json to_json(const PortDesc& port, Version version);
codec::Json to_json(const PortStats& port);
codec::Json to_json(const GroupDesc& group);
codec::Json to_json(const MeterConfig& meter);

/// A message with what its header says, its text, and the entries of an answer.
codec::Json message_json(ByteSpan message);

/// The entries of the messages that answer one multipart request. Value type.
class JsonList {
  public:
    /// Messages that say nothing of the kind, and such that do not decode, add nothing.
    void add(ByteSpan message, const Dialect& dialect);
    size_t size() const { return items_.size(); }
    codec::Json take() && { return codec::Json(std::move(items_)); }
    /// Of an answer that is one thing; null if there was none.
    codec::Json take_first() && { return items_.empty() ? codec::Json() : std::move(items_.front()); }

  private:
    codec::JsonArray items_;
};

}  // namespace weft::openflow
