// SPDX-License-Identifier: Apache-2.0
// Which datapaths ovs-vswitchd offers, and how they are opened.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/status.h"
#include "dp/datapath.h"
#include "loop/clock.h"

namespace weft::apps {

/// --enable-dummy and --disable-system.
struct DatapathOptions {
    enum class Dummy : uint8_t { off, on, override_system, override_all } dummy = Dummy::off;
    bool disable_system = false;

    Result<> enable_dummy(std::string_view how);
};

/// Value type; the clock outlives it.
class Datapaths {
  public:
    Datapaths(const loop::Clock& clock, DatapathOptions options) : clock_(clock), options_(options) {}

    /// The type that serves bridges of this datapath_type.
    std::optional<std::string> resolve(std::string_view datapath_type) const;
    Result<std::unique_ptr<dp::Datapath>> open(const std::string& type) const;
    /// One more of a datapath_type, which starts empty; code EAFNOSUPPORT if the type is unknown.
    Result<std::unique_ptr<dp::Datapath>> open_spare(std::string_view type, std::string_view name) const;
    bridge::ProgramFacts facts() const;

    /// The configuration that is about to be applied: what other internal ports an earlier process left goes.
    void expect(const bridge::Config& config);
    /// other_config:pmd-cpu-mask.
    void configure(dp::Datapath& datapath, const bridge::StringMap& other_config) const;

  private:
    bool is_dummy(std::string_view type) const;

    const loop::Clock& clock_;
    DatapathOptions options_;
    std::vector<std::string> internal_ports_;
};

}  // namespace weft::apps
