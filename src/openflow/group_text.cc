// SPDX-License-Identifier: Apache-2.0
#include "openflow/group_text.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "flow/field_text.h"
#include "flow/key_value.h"
#include "openflow/number_text.h"

namespace weft::openflow {
namespace {

constexpr std::pair<std::string_view, GroupType> type_names[] = {{"all", GroupType::all},
                                                                 {"select", GroupType::select},
                                                                 {"indirect", GroupType::indirect},
                                                                 {"ff", GroupType::fast_failover},
                                                                 {"fast_failover", GroupType::fast_failover}};

Result<GroupType> parse_type(std::string_view text) {
    for (const auto& [name, type] : type_names) {
        if (name == text) return type;
    }
    return fail("invalid group type " + std::string(text));
}

Result<uint32_t> parse_bucket_id(std::string_view text) {
    if (text == "all") return action::bucket_all;
    if (text == "first") return action::bucket_first;
    if (text == "last") return action::bucket_last;
    const uint32_t id = TRY(parse_u32(text));
    if (id > action::bucket_max) return fail("invalid command bucket id " + std::string(text));
    return id;
}

/// `ip_src,ip_dst=255.255.255.0`: the value is the field's mask.
Result<std::vector<GroupSelection::Field>> parse_fields(std::string_view text, const action::Names& names) {
    std::vector<GroupSelection::Field> out;
    while (const auto kv = flow::next_key_value(text)) {
        const flow::Field* f = flow::find_field_or_wire_name(kv->key);
        if (!f) return fail("unknown field " + std::string(kv->key));
        TRY(flow::check_header(*f));
        if (std::ranges::find(out, f->id, &GroupSelection::Field::field) != out.end())
            return fail(std::string(kv->key) + ": duplicate field");
        GroupSelection::Field one{f->id, flow::FieldValue::ones(f->n_bits)};
        if (kv->has_value) {
            const auto v = TRY(flow::parse_value(*f, kv->value, names.ports));
            if (v.mask != flow::legal_bits(f->id))
                return fail(std::string(kv->key) + ": mask may not be masked");
            one.mask = v.value;
        }
        out.push_back(one);
    }
    return out;
}

class BucketParser {
  public:
    /// `type`: none if the text does not tell the group's.
    BucketParser(std::optional<GroupType> type, const action::Names& names) : type_(type), names_(names) {}

    Result<Bucket> parse(std::string_view text) {
        Bucket b;
        std::string actions;
        if (type_ == GroupType::select) b.weight = 1;
        while (const auto kv = flow::next_key_value(text)) TRY(word(*kv, b, actions));
        if (actions.empty()) return fail("bucket must specify actions");
        b.actions = TRY(action::parse_actions(actions, names_));
        if (type_ == GroupType::fast_failover && !b.watches())
            return fail("fast failover bucket requires watch_port or watch_group");
        return b;
    }

  private:
    /// What is no parameter is an action, with or without `actions=` in front.
    Result<> word(const flow::KeyValue& kv, Bucket& b, std::string& actions) {
        if (kv.key == "weight") {
            b.weight = static_cast<uint16_t>(TRY(parse_up_to(kv.value, "weight", 0xffff)));
            if (type_ && type_ != GroupType::select)
                return fail("Only select groups can have bucket weights.");
        } else if (kv.key == "bucket_id") {
            b.id = TRY(parse_u32(kv.value));
            if (b.id > action::bucket_max) return fail("invalid bucket_id id " + std::string(kv.value));
        } else if (kv.key == "watch_port") {
            const auto port = flow::parse_port(kv.value, names_.ports);
            if (!port) return fail(std::string(kv.value) + ": invalid watch_port");
            b.watch_port = *port;
        } else if (kv.key == "watch_group") {
            b.watch_group = TRY(parse_u32(kv.value));
            if (b.watch_group > action::group_max)
                return fail("invalid watch_group id " + std::to_string(b.watch_group));
        } else {
            const bool named = kv.key == "actions" || kv.key == "action";
            if (!actions.empty()) actions += ",";
            actions += named ? kv.value : kv.text;
        }
        return {};
    }

    const std::optional<GroupType> type_;
    const action::Names& names_;
};

/// The words of a group in front of its buckets.
class HeadParser {
  public:
    HeadParser(GroupMod& mod, const action::Names& names) : m_(mod), names_(names) {}

    Result<> parse(std::string_view text) {
        while (const auto kv = flow::next_key_value(text)) TRY(word(*kv));
        return check();
    }

  private:
    bool has_type() const {
        using enum GroupCommand;
        return m_.command == add || m_.command == modify || m_.command == add_or_modify;
    }
    bool has_command_bucket() const {
        return m_.command == GroupCommand::insert_bucket || m_.command == GroupCommand::remove_bucket;
    }

    Result<> word(const flow::KeyValue& kv) {
        if (kv.key == "group_id") {
            m_.id = TRY(parse_group_id(kv.value));
            has_id_ = true;
        } else if (kv.key == "command_bucket_id") {
            if (!has_command_bucket()) return fail("command bucket id is not needed");
            m_.command_bucket = TRY(parse_bucket_id(kv.value));
            command_bucket_given_ = true;
        } else if (kv.key == "type") {
            if (!has_type()) return fail("type is not needed");
            m_.spec.type = TRY(parse_type(kv.value));
            type_given_ = true;
        } else {
            return selection(kv);
        }
        return {};
    }

    Result<> selection(const flow::KeyValue& kv) {
        GroupSelection& s = m_.spec.selection;
        constexpr size_t max_method = 15;
        if (kv.key == "selection_method") {
            if (!has_type()) return fail("selection method is not needed");
            if (kv.value.size() > max_method) return fail("selection method is longer than 15 bytes long");
            if (kv.value.empty()) return fail("selection method is missing");
            constexpr auto in_word = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; };
            if (!std::ranges::all_of(kv.value, in_word))
                return fail("selection method " + std::string(kv.value) +
                            " is no word, as hash and dp_hash are");
            s.method = kv.value;
        } else if (kv.key == "selection_method_param") {
            if (!has_type()) return fail("selection method param is not needed");
            s.param = TRY(parse_u64(kv.value));
        } else if (kv.key == "fields") {
            if (!has_type()) return fail("fields are not needed");
            auto fields = parse_fields(kv.value, names_);
            if (!fields) return fail(": " + fields.error().message);
            s.fields = std::move(*fields);
        } else {
            return fail("unknown keyword " + std::string(kv.key));
        }
        return {};
    }

    Result<> check() const {
        const GroupSelection& s = m_.spec.selection;
        if (!has_id_) return fail("must specify a group_id");
        if (has_type() && !type_given_) return fail("must specify a type");
        if (m_.command == GroupCommand::insert_bucket && !command_bucket_given_)
            return fail("must specify a command bucket id");
        if (m_.command == GroupCommand::insert_bucket && m_.command_bucket == action::bucket_all)
            return fail("command_bucket_id=all is not permitted");
        if (s.method.empty() && s.param)
            return fail("selection_method_param is only allowed with \"selection_method\"");
        if (s.method != "hash" && !s.fields.empty())
            return fail("fields may only be specified with \"selection_method=hash\"");
        return {};
    }

    GroupMod& m_;
    const action::Names& names_;
    bool has_id_ = false, type_given_ = false, command_bucket_given_ = false;
};

/// Those without an id get the lowest that are free.
void number_buckets(std::vector<Bucket>& buckets) {
    std::set<uint32_t> taken;
    for (const Bucket& b : buckets) taken.insert(b.id);
    uint32_t next = 0;
    for (Bucket& b : buckets) {
        if (b.id <= action::bucket_max) continue;
        while (taken.contains(next)) ++next;
        b.id = next++;
    }
}

Result<> parse_buckets(std::string_view text, const action::Names& names, GroupMod& m) {
    const bool inserts = m.command == GroupCommand::insert_bucket;
    const auto type = inserts ? std::nullopt : std::optional(m.spec.type);
    while (!text.empty()) {
        const size_t equals = text.find('=');
        if (equals == text.npos) return fail("must specify bucket content");
        const std::string_view rest = text.substr(equals + 1);
        const size_t next = std::min(rest.find("bucket="), rest.size());
        m.spec.buckets.push_back(TRY(BucketParser(type, names).parse(rest.substr(0, next))));
        text = rest.substr(next);
    }
    number_buckets(m.spec.buckets);
    if (m.spec.type == GroupType::indirect && m.spec.buckets.size() > 1)
        return fail("Indirect groups can have at most one bucket.");
    return {};
}

std::string format_bucket(const Bucket& b, GroupType type, const GroupTextOptions& options) {
    std::string out = ",bucket=";
    if (options.bucket_ids && b.id <= action::bucket_max) out += "bucket_id:" + std::to_string(b.id) + ",";
    if (b.weight != (type == GroupType::select ? 1 : 0)) out += "weight:" + std::to_string(b.weight) + ",";
    if (b.watch_port != ofpp::none)
        out += "watch_port:" + flow::format_port(b.watch_port, options.names.ports) + ",";
    if (b.watch_group != action::group_any) out += "watch_group:" + std::to_string(b.watch_group) + ",";
    return out + "actions=" + action::to_text(b.actions, options.names);
}

std::string format_selection(const GroupSelection& s) {
    if (s.method.empty()) return {};
    std::string out = ",selection_method=" + s.method;
    if (s.param) out += ",selection_method_param=" + std::to_string(s.param);
    std::string fields;
    auto sorted = s.fields;
    std::ranges::sort(sorted, {}, &GroupSelection::Field::field);
    for (const auto& one : sorted) {
        const flow::Field& f = flow::field(one.field);
        fields += (fields.empty() ? "" : ",") + std::string(f.name);
        if (one.mask != flow::FieldValue::ones(f.n_bits))
            fields += "=" + flow::format_value(f, one.mask, flow::legal_bits(f.id));
    }
    if (fields.empty()) return out;
    return out + (s.fields.size() == 1 ? ",fields=" + fields : ",fields(" + fields + ")");
}

}  // namespace

Result<uint32_t> parse_group_id(std::string_view text) {
    if (text == "all") return action::group_all;
    const uint32_t id = TRY(parse_u32(text));
    if (id != action::group_all && id > action::group_max)
        return fail("invalid group id " + std::to_string(id));
    return id;
}

Result<GroupMod> parse_group_mod(std::string_view text, GroupCommand command, const action::Names& names) {
    GroupMod m;
    m.command = command;
    const bool has_buckets = command != GroupCommand::remove && command != GroupCommand::remove_bucket;
    size_t at = text.find("bucket=");
    if (at != text.npos && !has_buckets) return fail("bucket is not needed");
    at = std::min(at, text.size());
    TRY(HeadParser(m, names).parse(text.substr(0, at)));
    TRY(parse_buckets(text.substr(at), names, m));
    return m;
}

std::string format_bucket_id(uint32_t id) {
    if (id == action::bucket_all) return "all";
    if (id == action::bucket_first) return "first";
    if (id == action::bucket_last) return "last";
    return std::to_string(id);
}

std::string format_group(uint32_t id, const GroupSpec& spec, const GroupTextOptions& options) {
    constexpr std::string_view types[] = {"all", "select", "indirect", "ff"};
    std::string out = "group_id=" + std::to_string(id);
    if (options.type) out += ",type=" + std::string(types[static_cast<size_t>(spec.type)]);
    out += format_selection(spec.selection);
    for (const Bucket& b : spec.buckets) out += format_bucket(b, spec.type, options);
    return out;
}

}  // namespace weft::openflow
