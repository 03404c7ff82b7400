// SPDX-License-Identifier: Apache-2.0
// Boost.JSON finds the tokens, this file builds our values from them. Nothing else includes Boost.JSON.
#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

#include "codec/json_number.h"
#include "codec/json_text.h"

namespace weft::codec {
namespace {

namespace bj = boost::json;
using boost::json::error_code;

/// Receives tokens, keeps the values that are still waiting for their container on a stack.
class Builder {
  public:
    static constexpr size_t max_array_size = static_cast<size_t>(-1);
    static constexpr size_t max_object_size = static_cast<size_t>(-1);
    static constexpr size_t max_string_size = static_cast<size_t>(-1);
    static constexpr size_t max_key_size = static_cast<size_t>(-1);

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }

    bool on_array_end(size_t n, error_code&) {
        const auto first = values_.end() - static_cast<ptrdiff_t>(n);
        JsonArray array(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
        values_.erase(first, values_.end());
        values_.emplace_back(std::move(array));
        return true;
    }
    bool on_object_end(size_t n, error_code&) {
        const size_t key = keys_.size() - n, value = values_.size() - n;
        JsonObject object =
            JsonObject::from_members(std::span(keys_).subspan(key), std::span(values_).subspan(value));
        keys_.resize(key);
        values_.resize(value);
        values_.emplace_back(std::move(object));
        return true;
    }

    bool on_string_part(bj::string_view s, size_t, error_code& ec) { return add_text(s, ec); }
    bool on_string(bj::string_view s, size_t, error_code& ec) {
        if (!add_text(s, ec)) return false;
        values_.emplace_back(std::move(text_));
        text_.clear();
        return true;
    }
    bool on_key_part(bj::string_view s, size_t, error_code& ec) { return add_text(s, ec); }
    bool on_key(bj::string_view s, size_t, error_code& ec) {
        if (!add_text(s, ec)) return false;
        keys_.push_back(std::move(text_));
        text_.clear();
        return true;
    }

    bool on_number_part(bj::string_view s, error_code&) {
        text_.append(s.data(), s.size());
        return true;
    }
    bool on_int64(int64_t value, bj::string_view, error_code&) {
        text_.clear();
        values_.emplace_back(value);
        return true;
    }
    bool on_uint64(uint64_t, bj::string_view s, error_code& ec) { return add_number(s, ec); }
    bool on_double(double, bj::string_view s, error_code& ec) { return add_number(s, ec); }
    bool on_bool(bool value, error_code&) {
        values_.emplace_back(value);
        return true;
    }
    bool on_null(error_code&) {
        values_.emplace_back(nullptr);
        return true;
    }
    bool on_comment_part(bj::string_view, error_code&) { return true; }
    bool on_comment(bj::string_view, error_code&) { return true; }

    void reset() {
        values_.clear();
        keys_.clear();
        text_.clear();
    }
    Json take() {
        CHECK(values_.size() == 1);
        Json out = std::move(values_.back());
        values_.clear();
        return out;
    }
    const char* complaint() const { return complaint_; }

  private:
    bool add_text(bj::string_view s, error_code& ec) {
        if (s.find('\0') != bj::string_view::npos)
            return complain("null bytes not supported in quoted strings", ec);
        text_.append(s.data(), s.size());
        return true;
    }
    bool add_number(bj::string_view s, error_code& ec) {
        text_.append(s.data(), s.size());
        auto number = json_number(text_);
        text_.clear();
        if (!number) return complain("number outside valid range", ec);
        values_.push_back(std::move(*number));
        return true;
    }
    bool complain(const char* what, error_code& ec) {
        complaint_ = what;
        ec = bj::make_error_code(bj::error::syntax);
        return false;
    }

    std::vector<Json> values_;
    std::vector<std::string> keys_;
    std::string text_;  ///< parts of the string or number that is being read
    const char* complaint_ = nullptr;
};

bj::parse_options options(const JsonLimits& limits) {
    bj::parse_options out;
    out.max_depth = limits.max_depth;
    return out;
}

/// Of the text parsed so far.
struct Position {
    size_t line = 0, column = 0, byte = 0;

    void advance(std::string_view text) {
        byte += text.size();
        column += text.size();
        for (size_t end; (end = text.find('\n')) != text.npos;) {
            ++line;
            text.remove_prefix(end + 1);
            column = text.size();
        }
    }
    Error error(std::string_view what) const {
        return {"line " + std::to_string(line) + ", column " + std::to_string(column) + ", byte " +
                std::to_string(byte) + ": " + std::string(what)};
    }
};

/// Boost's reason in words; `rest` is the text from the offending byte on.
std::string reason(const error_code& ec, std::string_view rest) {
    if (ec == bj::error::incomplete) return "unexpected end of input";
    if (ec == bj::error::too_deep) return "input exceeds maximum nesting depth";
    if (ec == bj::error::exponent_overflow) return "number outside valid range";
    if (ec == bj::error::expected_hex_digit) return "malformed \\u escape";
    if (ec == bj::error::illegal_leading_surrogate || ec == bj::error::illegal_trailing_surrogate ||
        ec == bj::error::expected_utf16_escape)
        return "malformed escaped surrogate pair";
    if (!rest.empty() && static_cast<unsigned char>(rest[0]) >= 0x80) return "invalid UTF-8";
    // What cannot start or end anything in JSON.
    constexpr std::string_view tokens = "{}[]:,\"-+.0123456789abcdefghijklmnopqrstuvwxyz";
    if (!rest.empty() && rest[0] > ' ' && tokens.find(rest[0]) == tokens.npos)
        return std::string("invalid character '") + rest[0] + "'";
    return "syntax error";
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
    if (text.size() > limits.max_bytes)
        return fail("input of " + std::to_string(text.size()) + " bytes exceeds maximum size");
    bj::basic_parser<Builder> parser(options(limits));
    error_code ec;
    const size_t used = parser.write_some(false, text.data(), text.size(), ec);
    Position at;
    at.advance(text.substr(0, used));
    if (ec) {
        if (blank(text)) return std::unexpected(at.error("empty input stream"));
        const char* complaint = parser.handler().complaint();
        return std::unexpected(at.error(complaint ? complaint : reason(ec, text.substr(used))));
    }
    if (used < text.size()) return std::unexpected(at.error("trailing garbage at end of input"));
    return parser.handler().take();
}

struct JsonStream::Impl {
    explicit Impl(JsonLimits l) : limits(l), parser(options(l)) {}

    JsonLimits limits;
    bj::basic_parser<Builder> parser;
    Position at;
    size_t taken = 0;  ///< bytes of the value that is being read, without white space before it
    std::optional<Error> error;
};

JsonStream::JsonStream(JsonLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
JsonStream::~JsonStream() = default;
JsonStream::JsonStream(JsonStream&&) noexcept = default;
JsonStream& JsonStream::operator=(JsonStream&&) noexcept = default;

bool JsonStream::idle() const { return impl_->taken == 0; }

Result<std::optional<Json>> JsonStream::next(std::string_view& bytes) {
    Impl& s = *impl_;
    if (s.error) return std::unexpected(*s.error);
    if (s.taken == 0) {
        const size_t start = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
        s.at.advance(bytes.substr(0, start));
        bytes.remove_prefix(start);
    }
    if (bytes.empty()) return std::nullopt;

    error_code ec;
    const size_t used = s.parser.write_some(true, bytes.data(), bytes.size(), ec);
    s.at.advance(bytes.substr(0, used));
    s.taken += used;
    if (ec) {
        const char* complaint = s.parser.handler().complaint();
        s.error = s.at.error(complaint ? complaint : reason(ec, bytes.substr(used)));
    } else if (s.taken > s.limits.max_bytes) {
        s.error = s.at.error("value exceeds maximum size");
    }
    bytes.remove_prefix(used);
    if (s.error) return std::unexpected(*s.error);
    if (!s.parser.done()) return std::nullopt;
    Json value = s.parser.handler().take();
    s.parser.handler().reset();
    s.parser.reset();
    s.taken = 0;
    return value;
}

}  // namespace weft::codec
