# SPDX-License-Identifier: Apache-2.0
# Run by cmake --install: writes the units and weft-prepare-db for the prefix of this installation.
set(prefix ${CMAKE_INSTALL_PREFIX})
foreach(unit ovsdb-server ovs-vswitchd openvswitch-switch ovs-record-hostname)
  configure_file(${source}/systemd/${unit}.service.in ${made}/${unit}.service @ONLY)
  file(INSTALL ${made}/${unit}.service DESTINATION ${prefix}/lib/systemd/system)
endforeach()
configure_file(${source}/weft-prepare-db.in ${made}/weft-prepare-db @ONLY)
file(INSTALL ${made}/weft-prepare-db DESTINATION ${prefix}/${libexecdir}/weft USE_SOURCE_PERMISSIONS)
