// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "codec/json_text.h"

namespace weft::codec {
namespace {

/// Null for a character that needs no escape.
const char* escape_of(char c) {
    switch (c) {
        case '"':
            return "\\\"";
        case '\\':
            return "\\\\";
        case '\b':
            return "\\b";
        case '\f':
            return "\\f";
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        default:
            return nullptr;
    }
}

/// How many characters at the front stand for themselves.
size_t plain_front(std::string_view text) {
    size_t n = 0;
    for (uint64_t eight; text.size() - n >= sizeof eight; n += sizeof eight) {
        std::memcpy(&eight, text.data() + n, sizeof eight);
        // What is less than a byte subtracted from it borrows from the top bit, which ASCII does not use;
        // what does use it is looked at one by one.
        constexpr uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
        const uint64_t quote = eight ^ (ones * '"'), backslash = eight ^ (ones * '\\');
        if (((eight - ones * 0x20) | (quote - ones) | (backslash - ones)) & tops) break;
    }
    const auto is_plain = [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    };
    while (n < text.size() && is_plain(text[n])) ++n;
    return n;
}

void append_integer(std::string& out, int64_t value) {
    char buf[24];
    const auto end = std::to_chars(buf, buf + sizeof buf, value).ptr;
    out.append(buf, end);
}

class Printer {
  public:
    Printer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

    void value(const Json& v) {
        if (v.is_null()) {
            out_ += "null";
        } else if (const bool* b = v.boolean()) {
            out_ += *b ? "true" : "false";
        } else if (const int64_t* i = v.integer()) {
            append_integer(out_, *i);
        } else if (const double* d = v.real()) {
            append_json_real(out_, *d);
        } else if (const std::string* s = v.string()) {
            append_json_string(out_, *s);
        } else if (const JsonArray* a = v.array()) {
            array(*a);
        } else {
            object(*v.object());
        }
    }

  private:
    void array(const JsonArray& a) {
        out_ += '[';
        ++depth_;
        for (size_t i = 0; i < a.size(); ++i) {
            if (i) out_ += ',';
            new_line();
            value(a[i]);
        }
        --depth_;
        out_ += ']';
    }
    void object(const JsonObject& o) {
        out_ += '{';
        ++depth_;
        bool first = true;
        for (const JsonMember& m : o) {
            if (!first) out_ += ',';
            first = false;
            new_line();
            append_json_string(out_, m.key);
            out_ += pretty_ ? ": " : ":";
            value(m.value);
        }
        --depth_;
        out_ += '}';
    }
    void new_line() {
        if (!pretty_) return;
        out_ += '\n';
        out_.append(2 * depth_, ' ');
    }

    std::string& out_;
    const bool pretty_;
    size_t depth_ = 0;
};

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (;;) {
        const size_t n = plain_front(text);
        out.append(text, 0, n);
        if (n == text.size()) break;
        if (const char* escape = escape_of(text[n])) {
            out += escape;
        } else {
            char buf[8];
            std::snprintf(buf, sizeof buf, "\\u%04x", static_cast<unsigned>(text[n]));
            out += buf;
        }
        text.remove_prefix(n + 1);
    }
    out += '"';
}

void append_json_real(std::string& out, double value) {
    if (!std::isfinite(value)) {  // JSON has no word for it
        out += "null";
        return;
    }
    char buf[32];
    for (int precision = 15;; ++precision) {
        const int n = std::snprintf(buf, sizeof buf, "%.*g", precision, value);
        double back = 0;
        std::from_chars(buf, buf + n, back);
        if (back == value || precision == 17) {
            out.append(buf, static_cast<size_t>(n));
            return;
        }
    }
}

void append_json(std::string& out, const Json& value) { Printer(out, false).value(value); }

std::string format_json(const Json& value, JsonStyle style) {
    std::string out;
    Printer(out, style.pretty).value(value);
    return out;
}

}  // namespace weft::codec
