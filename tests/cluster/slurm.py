# SPDX-License-Identifier: Apache-2.0
"""Slurm on the virtual cluster: munged and slurmd on every node, slurmctld on
the first. Nothing of the machine's own Slurm or MUNGE is read or written."""
import os
import shutil
import subprocess
import time

SOCKET = "/run/munge/munge.socket.2"  # libmunge's own; /run is each node's
CONFIGURATION = """# Made by tests/cluster/slurm.py.
ClusterName=virtual
SlurmctldHost={first}({first_address})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir=/run/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%h.log
# Nodes are namespaces on one machine: cgroups and affinity are the machine's.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
KillWait=10
SchedulerParameters=batch_sched_delay=0,sched_interval=1,defer
{nodes}
PartitionName=test Nodes={names} Default=YES MaxTime=INFINITE State=UP
"""


def why_not():
    """None where Slurm is installed, else the reason."""
    for program, package in (("munged", "munge"), ("slurmctld", "slurmctld"),
                             ("slurmd", "slurmd"), ("srun", "slurm-client")):
        if shutil.which(program, path=os.environ.get("PATH", "")
                        + ":/usr/sbin:/sbin") is None:
            return f"expected '{program}' (Debian: {package})"
    return None


def environment(cluster):
    """For the nodes' shells: where the configuration is."""
    return {"SLURM_CONF": str(cluster.state / "slurm" / "slurm.conf")}


def configure(cluster):
    folder = cluster.state / "slurm"
    (folder / "state").mkdir(parents=True)
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    nodes = [f"NodeName={name} NodeAddr={me['address']} CPUs={cluster.slots} "
             "State=UNKNOWN" for name, me in cluster.nodes.items()]
    first = cluster.names[0]
    (folder / "slurm.conf").write_text(CONFIGURATION.format(
        first=first, first_address=cluster.nodes[first]["address"],
        folder=folder, nodes="\n".join(nodes), names=",".join(cluster.names)))


def start(cluster, seconds=30.0):
    """All daemons; returns when every node is idle."""
    folder = cluster.state / "slurm"
    munged = ("mkdir -p /run/munge /run/slurmd && munged --force --num-threads=2"
              f" --key-file={folder}/munge.key --socket={SOCKET}"
              " --pid-file=/run/munge/munged.pid --seed-file=/run/munge/seed"
              f" --log-file={folder}/munged.log")
    path = "PATH=$PATH:/usr/sbin:/sbin; "
    for name in cluster.names:
        daemons = munged
        if name == cluster.names[0]:
            daemons += f" && slurmctld -f {folder}/slurm.conf"
        daemons += f" && slurmd -f {folder}/slurm.conf -N {name}"
        done = cluster.run(["sh", "-c", path + daemons], name,
                           capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"Slurm's daemons on {name}: {done.stderr}")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        states = cluster.run(["sinfo", "-h", "-N", "-o", "%T"],
                             capture_output=True, text=True).stdout.split()
        if states == ["idle"] * len(cluster.names):
            return
        time.sleep(0.1)
    raise RuntimeError("expected every node idle, got "
                       + (" ".join(states) or "no answer of slurmctld") + ": "
                       + subprocess.run(["tail", "-n", "5", folder
                                         / "slurmctld.log"],
                                        capture_output=True, text=True,
                                        check=False).stdout)
