// SPDX-License-Identifier: Apache-2.0
// What a switch cannot derive from the database and the kernel, as a value and as bytes: what the next
// process goes on with after a crash.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "bridge/bridge.h"
#include "openflow/group.h"
#include "openflow/meter.h"
#include "openflow/tlv_table.h"
#include "pipeline/flow_change.h"
#include "pipeline/frozen.h"
#include "pipeline/tables.h"

namespace weft::bridge {

/// Value type. Times are those of the machine's monotonic clock, so it is worth something only until the
/// machine starts again: `boot` tells.
struct Checkpoint {
    struct Port {
        std::string interface;
        OfPort number;
        DpPort dp_port = dp_none;
        uint32_t of_config = 0;
        bool operator==(const Port&) const = default;
    };
    /// What controllers set.
    struct Table {
        uint8_t id = 0;
        pipeline::Miss miss{};
        bool evicts = false;
        std::optional<Vacancy> vacancy{};
        std::string name{};
        uint64_t lookups = 0, matched = 0;
        bool operator==(const Table&) const = default;
    };
    struct Meter {
        openflow::MeterConfig config;
        Time created;
        action::MeterCounts counts{};
        bool operator==(const Meter&) const = default;
    };
    struct Group {
        struct Count {
            uint64_t packets = 0, bytes = 0;
            bool operator==(const Count&) const = default;
        };
        openflow::GroupDesc desc;
        Time created;
        Count all{};
        std::vector<Count> buckets{};
        bool operator==(const Group&) const = default;
    };
    struct Station {
        Mac mac;
        uint16_t vlan = 0;
        bool is_static = false;
        Time used;
        std::string port;
        bool operator==(const Station&) const = default;
    };
    struct Bridge {
        Uuid row;
        std::string name;
        std::optional<bool> default_rule;
        pipeline::Fragments fragments{};
        std::vector<Port> ports{};
        std::vector<Table> tables{};
        std::vector<openflow::TlvMap> tlvs{};
        std::vector<Meter> meters{};
        std::vector<Station> stations{};
        std::vector<Group> groups{};
        Bytes rules{};  ///< of RuleWriter; read_rules() takes them apart
        bool operator==(const Bridge&) const = default;
    };
    struct Recirculation {
        uint32_t id = 0;
        pipeline::Frozen state;
        bool operator==(const Recirculation&) const = default;
    };
    struct Datapath {
        std::string type;
        std::vector<Recirculation> recirculations{};
        std::vector<Bridge> bridges{};
        bool operator==(const Datapath&) const = default;
    };

    std::string boot;
    Time written;
    bool clean = false;  ///< the process ended because it was told to
    std::vector<Datapath> datapaths{};
    bool operator==(const Checkpoint&) const = default;
};

/// Writes rules one after another. Resource type. `layout`: of the tables that they are of.
class RuleWriter {
  public:
    explicit RuleWriter(std::shared_ptr<const flow::TlvLayout> layout = {}) : layout_(std::move(layout)) {}
    void put(const pipeline::Rule& rule);
    Bytes take() { return out_.take(); }

  private:
    const Bytes& wire_of(const action::Actions& actions);

    std::shared_ptr<const flow::TlvLayout> layout_;
    ByteWriter out_;
    const action::Actions* last_ = nullptr;  ///< many rules in a row share their actions
    Bytes last_wire_;
};
/// A rule as an earlier process had it: the change that adds it, and what became of it. Value type.
struct EarlierRule {
    pipeline::FlowChange change;
    Time created, modified, used;
    uint64_t packets = 0, bytes = 0;
};
/// One after another, as they were written: all together would take a kilobyte and more each. Options of
/// tunnels have no places yet (place_options()).
Result<> read_rules(ByteSpan bytes, const std::function<void(EarlierRule&&)>& take);

/// Begins with a magic number, the format's version and a checksum.
Bytes encode(const Checkpoint& checkpoint);
/// The error says what is wrong: of another version, cut short, or damaged.
Result<Checkpoint> decode_checkpoint(ByteSpan bytes);

}  // namespace weft::bridge
