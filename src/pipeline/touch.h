// SPDX-License-Identifier: Apache-2.0
// Whether what happened since a translation may change its result, judged by what the translation read: only
// then is its megaflow translated again.
#pragma once

#include <map>
#include <set>
#include <span>

#include "flow/packed_key.h"
#include "pipeline/effects.h"
#include "pipeline/snapshot.h"

namespace weft::pipeline {

/// The packets that a translation is about: all that agree with `packet` on the bits of `mask`. Both as the
/// datapath knows them. Without a mask nothing is known of them.
struct PacketSet {
    const flow::PackedKey& packet;
    const flow::PackedKey* mask = nullptr;
};

/// What differs between two configurations, in the terms of reads. Value type.
class ConfigChange {
  public:
    ConfigChange() = default;  ///< nothing differs
    ConfigChange(const Config& before, const Config& after);
    bool touches(const Read& read) const;

  private:
    void compare(const Bridge& before, const Bridge& after);

    bool all_ = false;
    std::set<PortAt> ports_;
    std::set<BridgeId> bridges_;  ///< something of them differs
    std::set<BridgeId> whole_;    ///< more than ports and bundles differs
};

/// A state that translations saw.
struct StateMark {
    Version version = 0;
    std::shared_ptr<const Config> config;
    uint64_t generation = 0;  ///< of the configuration

    StateMark() = default;
    explicit StateMark(const Snapshot& s)
        : version(s.version()), config(s.config_ptr()), generation(s.generation()) {}
};

/// What changed from `before` to `now`. Resource type: not beyond the life of `now`. MAC tables, which are
/// outside the versions, are compared with what was read when they are asked about.
class Changes {
  public:
    /// More changes of tables than that count as a change of everything.
    static constexpr size_t table_changes_max = 128;

    Changes(const TableLog& log, const StateMark& before, const Snapshot& now);

    /// Whether a translation that saw the tables as of version `seen`, and the configuration of `before` or
    /// of `now`, may say something else now.
    bool touch(std::span<const Read> reads, const PacketSet& packets, Version seen) const;

  private:
    bool touch(const Read& read, const PacketSet& packets, Version seen) const;

    const Snapshot& now_;
    bool all_ = false;
    Version before_;
    std::map<const Tables*, std::vector<TableChange>> tables_;
    ConfigChange config_;
};

}  // namespace weft::pipeline
