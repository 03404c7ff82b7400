// SPDX-License-Identifier: Apache-2.0
// Datapaths that no bridge asked for: dpctl/add-dp makes them, dpctl/del-dp deletes them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "dp/datapath.h"

namespace weft::ctl {

/// Resource type; belongs to the control thread.
class SpareDatapaths {
  public:
    /// code EAFNOSUPPORT if there is no such type.
    using Open =
        std::function<Result<std::unique_ptr<dp::Datapath>>(std::string_view type, std::string_view name)>;
    explicit SpareDatapaths(Open open) : open_(std::move(open)) {}

    Result<void> add(std::string_view type, std::string_view name);
    /// False if it is none of these.
    bool remove(const dp::Datapath& datapath);
    const std::vector<std::unique_ptr<dp::Datapath>>& all() const { return all_; }
    /// Their share of the loop's turn; to be called now and then.
    void run(Time now);

  private:
    Open open_;
    std::vector<std::unique_ptr<dp::Datapath>> all_;
};

}  // namespace weft::ctl
