// SPDX-License-Identifier: Apache-2.0
#include "store/log_file.h"

#include <array>
#include <charconv>

#include "codec/json_text.h"
#include "codec/sha1.h"

namespace weft::store {
namespace {

struct Header {
    std::string_view magic, hash;
    uint64_t length = 0;
};

/// "OVSDB <magic> <length> <hash>", each with exactly one space before it.
std::optional<Header> parse_header(std::string_view line) {
    Header out;
    const auto word = [&line](std::string_view& into) {
        const size_t end = std::min(line.find(' '), line.size());
        into = line.substr(0, end);
        line.remove_prefix(std::min(end + 1, line.size()));
        return !into.empty();
    };
    std::string_view ovsdb, length;
    if (!word(ovsdb) || ovsdb != "OVSDB" || !word(out.magic) || !word(length) || !word(out.hash) ||
        !line.empty())
        return std::nullopt;
    const auto [end, ec] = std::from_chars(length.data(), length.data() + length.size(), out.length);
    const bool is_hash = out.hash.size() == 40 && out.hash.find_first_not_of("0123456789abcdef") == line.npos;
    if (ec != std::errc() || end != length.data() + length.size() || out.length == 0 || !is_hash)
        return std::nullopt;
    return out;
}

}  // namespace

std::string format_log_record(std::string_view magic, std::string_view json) {
    codec::Sha1 sha;
    sha.add(json);
    sha.add("\n");
    std::string out = "OVSDB ";
    out.reserve(json.size() + 80);
    out += magic;
    out += ' ' + std::to_string(json.size() + 1) + ' ';
    constexpr char digits[] = "0123456789abcdef";
    std::array<char, 41> hex;
    size_t at = 0;
    for (const uint8_t byte : sha.digest()) {
        hex[at++] = digits[byte >> 4];
        hex[at++] = digits[byte & 15];
    }
    hex[at] = '\n';
    out.append(hex.data(), hex.size());
    out += json;
    out += '\n';
    return out;
}

Result<codec::Json> LogReader::first() {
    auto record = next();
    const bool looks_like_log = contents_.starts_with("OVSDB ");  // the first line is a header, good or bad
    if (!record && !looks_like_log) return fail("ovsdb error: " + name_ + ": unexpected file format");
    if (!record) return std::unexpected(record.error());
    if (!*record) return fail("ovsdb error: " + name_ + ": cannot identify file type");
    return std::move(**record);
}

Result<std::optional<codec::Json>> LogReader::next() {
    const std::string_view rest = contents_.substr(offset_);
    if (rest.empty()) return std::nullopt;
    const size_t line_end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, line_end);
    const auto header = parse_header(line);
    const auto at = [](uint64_t offset) { return " at offset " + std::to_string(offset); };
    if (!header || (!magic_.empty() && header->magic != magic_) || line_end == rest.size()) {
        const std::string shown(line.substr(0, 80));
        return fail("syntax error: " + name_ + ": parse error" + at(offset_) + " in header line \"" + shown +
                    "\"");
    }
    if (header->magic != standalone_magic && header->magic != clustered_magic)
        return fail("syntax error: " + name_ + ": unexpected kind of record \"" + std::string(header->magic) +
                    "\"" + at(offset_));

    const uint64_t start = offset_ + line_end + 1;
    const std::string bytes = std::to_string(header->length) + " bytes starting" + at(start);
    if (header->length > contents_.size() - start)
        return fail("I/O error: " + name_ + ": error reading " + bytes + " (End of file)");
    const std::string_view body = contents_.substr(start, header->length);
    const std::string hash = codec::sha1_hex(body);
    if (hash != header->hash)
        return fail("syntax error: " + name_ + ": " + bytes + " have SHA-1 hash " + hash +
                    " but should have hash " + std::string(header->hash));
    auto json = codec::parse_json(body);
    if (!json)
        return fail("syntax error: " + name_ + ": " + bytes + " are not valid JSON (" + json.error().message +
                    ")");
    if (!json->is_object()) return fail("syntax error: " + name_ + ": " + bytes + " are not a JSON object");
    magic_ = header->magic;
    offset_ = start + header->length;
    return std::move(*json);
}

}  // namespace weft::store
