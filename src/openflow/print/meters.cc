// SPDX-License-Identifier: Apache-2.0
// Meters.
#include "openflow/meter_text.h"
#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

constexpr BitName band_type_names[] = {{1 << 1, "drop"}, {1 << 2, "dscp_remark"}};
constexpr BitName flag_names[] = {{action::meter_flag::kbps, "kbps"},
                                  {action::meter_flag::pktps, "pktps"},
                                  {action::meter_flag::burst, "burst"},
                                  {action::meter_flag::stats, "stats"}};

}  // namespace

void print(const MeterMod& m, Printer& p) {
    constexpr std::string_view names[] = {"ADD", "MOD", "DEL"};
    (p.out += " ") += names[static_cast<size_t>(m.command)];
    p.out += " " + format_meter(m.id, m.spec);
}

void print(const MeterStatsRequest& m, Printer& p) { p.out += " meter=" + format_meter_id(m.id); }
void print(const MeterConfigRequest& m, Printer& p) { p.out += " meter=" + format_meter_id(m.id); }

void print(const MeterConfigReply& m, Printer& p) {
    for (const MeterConfig& c : m.meters) p.out += "\n" + format_meter(c.id, c.spec);
}

void print(const MeterStatsReply& m, Printer& p) {
    for (const MeterStats& s : m.meters) {
        p.out += "\nmeter:" + format_meter_id(s.id) + " flow_count:" + std::to_string(s.n_flows) +
                 " packet_in_count:" + std::to_string(s.counts.packets) +
                 " byte_in_count:" + std::to_string(s.counts.bytes) +
                 " duration:" + duration(s.duration_s, s.duration_ns) + " bands:\n";
        for (size_t i = 0; i < s.counts.bands.size(); ++i) {
            p.out += std::to_string(i) + ": packet_count:" + std::to_string(s.counts.bands[i].packets) +
                     " byte_count:" + std::to_string(s.counts.bands[i].bytes) + "\n";
        }
    }
}

void print(const MeterFeaturesReply& m, Printer& p) {
    const MeterFeatures& f = m.features;
    p.out += "\nmax_meter:" + std::to_string(f.max_meters) + " max_bands:" + std::to_string(f.max_bands) +
             " max_color:" + std::to_string(f.max_color) +
             "\nband_types: " + bit_names(f.band_types, band_type_names) +
             "\ncapabilities: " + bit_names(f.capabilities, flag_names) + "\n";
}

}  // namespace weft::openflow
