// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/kernel_meters.h"

#include "sys/bpf_object.h"

namespace weft::dp {

static_assert(sizeof(weft_meter) == sizeof(MeterCell) && sizeof(weft_meter_band) == sizeof(MeterCell::Band));
static_assert(offsetof(weft_meter, bands) == offsetof(MeterCell, n_bands) &&
              offsetof(weft_meter, by_bytes) == offsetof(MeterCell, by_bytes) &&
              offsetof(weft_meter, in_use) == offsetof(MeterCell, in_use) &&
              offsetof(weft_meter, band) == offsetof(MeterCell, bands));
static_assert(offsetof(weft_meter_band, packets) == offsetof(MeterCell::Band, packets) &&
              offsetof(weft_meter_band, unit) == offsetof(MeterCell::Band, unit) &&
              offsetof(weft_meter_band, capacity_ns) == offsetof(MeterCell::Band, capacity_ns) &&
              offsetof(weft_meter_band, rate) == offsetof(MeterCell::Band, rate));
static_assert(weft_meter_shift == MeterCell::unit_shift && weft_bands_max == Meters::bands_max);
static_assert(weft_meter_chunks_max * weft_meters_chunk == Meters::ids_max);

Result<std::shared_ptr<MeterCell>> KernelMeters::cell(uint32_t id) {
    const uint32_t number = id / weft_meters_chunk;
    auto it = chunks_.find(number);
    if (it == chunks_.end()) {
        auto memory = TRY(sys::add_inner_arrays({.name = "meters",
                                                 .outer = outer_,
                                                 .value_size = sizeof(weft_meter),
                                                 .length = weft_meters_chunk,
                                                 .first = number,
                                                 .step = 1,
                                                 .count = 1}));
        it = chunks_.emplace(number, std::make_shared<sys::Mapping>(std::move(memory))).first;
    }
    const size_t place = id % weft_meters_chunk;
    auto* cell = reinterpret_cast<MeterCell*>(it->second->at(place * sizeof(weft_meter)));
    return std::shared_ptr<MeterCell>(it->second, cell);
}

}  // namespace weft::dp
