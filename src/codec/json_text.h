// SPDX-License-Identifier: Apache-2.0
// JSON text (RFC 8259) to values and back.
//
// Defined where the RFC leaves it open, after Open vSwitch: of duplicate keys the last counts; numbers beyond
// the range of a double, NUL characters in strings and more than JsonLimits::max_depth levels are errors; a
// number that is integral and fits into 64 bits is an integer (1.0, 1e3). Invalid UTF-8 is an error.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace weft::codec {

struct JsonLimits {
    size_t max_depth = 1000;
    size_t max_bytes = size_t{1} << 31;  ///< of one top-level value
};

/// Exactly one value, white space around it allowed. An error reads
/// "line 0, column 3, byte 3: unexpected end of input" (lines count from 0).
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

struct JsonStyle {
    bool pretty = false;  ///< two spaces per level, as Open vSwitch's tools print it
};

/// Compact by default. Object members come sorted by key; reals in the shortest form of %.15g to %.17g that
/// reads back as the same number.
std::string format_json(const Json& value, JsonStyle style = {});
void append_json(std::string& out, const Json& value);
void append_json_string(std::string& out, std::string_view text);
void append_json_real(std::string& out, double value);

/// Cuts a stream of JSON values into values. Resource type; one per connection.
///
///     std::string_view bytes = received;
///     while (auto value = TRY(stream.next(bytes))) handle(*value);
class JsonStream {
  public:
    explicit JsonStream(JsonLimits limits = {});
    ~JsonStream();
    JsonStream(JsonStream&&) noexcept;
    JsonStream& operator=(JsonStream&&) noexcept;

    /// Consumes bytes from the front up to the end of one value and returns it; nullopt when all bytes were
    /// taken and the value needs more. A number at the top level ends only where another byte follows it.
    /// After an error the stream is of no more use: every further call gives the same error.
    Result<std::optional<Json>> next(std::string_view& bytes);
    /// Between two values: nothing but white space was taken since the last one.
    bool idle() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace weft::codec
