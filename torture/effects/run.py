"""One run over effects."""

from torture.effects.faults import FAULTS
from torture.effects.options import EffectsOptions
from torture.effects.rig import EffectsRig
from torture.report import Report
from torture.run import run


async def run_effects(options: EffectsOptions) -> Report:
    """Run the rig around the real action server; its report counts effects that are doubled or missing."""
    return await run(options, EffectsRig, FAULTS)
