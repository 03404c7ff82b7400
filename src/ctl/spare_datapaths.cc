// SPDX-License-Identifier: Apache-2.0
#include "ctl/spare_datapaths.h"

namespace weft::ctl {

Result<void> SpareDatapaths::add(std::string_view type, std::string_view name) {
    all_.push_back(TRY(open_(type, name)));
    return {};
}

bool SpareDatapaths::remove(const dp::Datapath& datapath) {
    return std::erase_if(all_, [&](const auto& d) { return d.get() == &datapath; }) != 0;
}

void SpareDatapaths::run(Time now) {
    for (const auto& datapath : all_) (void)datapath->run(now);
}

}  // namespace weft::ctl
