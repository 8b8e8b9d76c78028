"""Plan records of a block: one per cost-sharing variant, in the columns of PlanAttributes.csv."""

from collections.abc import Iterable, Iterator
from datetime import date

from feeds.insurance_rate.market import Block, Plan
from feeds.insurance_rate.simulator import day, filing, tax_number
from millrace.record.event import EventWriter
from millrace.seeded_random import chance, choose

FEED = "insurance_plan"
NAMES = ("Juniper", "Larch", "Aspen", "Heron", "Meadow", "Granite", "Harbor", "Prairie", "Summit", "Willow")
DEDUCTIBLE = {"Catastrophic": 6600, "Bronze": 5500, "Silver": 3000, "Gold": 1200, "Platinum": 250}
MOOP = {"Catastrophic": 6600, "Bronze": 6450, "Silver": 5800, "Gold": 4500, "Platinum": 2000}
ACTUARIAL_VALUE = {"Catastrophic": 60, "Bronze": 60, "Silver": 70, "Gold": 80, "Platinum": 90, "Low": 70, "High": 85}
SILVER_LEVELS = {4: 73, 5: 87, 6: 94}
PLAN_TYPES = ("HMO", "HMO", "PPO", "PPO", "EPO", "POS", "HMO", "PPO", "Indemnity", "PPO")


def plan_records(blocks: Iterable[Block]) -> Iterator[tuple[int, dict[str, str]]]:
    """(sequence number, fields) of every plan that appears in the blocks."""
    for block in blocks:
        row = block.first_plan_row
        for plan in block.plans:
            for variant in range(plan.variants):
                yield row, plan_record(plan, variant)
                row += 1


def plan_events(blocks: Iterable[Block], source: int) -> Iterator[tuple[int, bytes]]:
    """(sequence number, event) of every plan record."""
    writer: EventWriter | None = None
    for row, record in plan_records(blocks):
        writer = writer or EventWriter(FEED, source, record, origin="simulator")
        yield row, writer.encode(row, record.values())


def plan_record(plan: Plan, variant: int) -> dict[str, str]:
    """One plan in one cost-sharing variant, raw text."""
    is_dental = plan.metal in ("Low", "High")
    plan_type = choose(PLAN_TYPES, plan.component, "type")
    name = f"{choose(NAMES, plan.issuer, 'name')} {plan.metal} {plan_type} {plan.number}"
    site = f"https://plans.example/{plan.issuer}"
    return {
        **filing(plan),
        "BenefitPackageId": "1",
        "IssuerId2": str(plan.issuer),
        "StateCode2": plan.state,
        "MarketCoverage": choose(("Individual", "Individual", "SHOP (Small Group)"), plan.component, "market"),
        "DentalOnlyPlan": "Yes" if is_dental else "No",
        "TIN": tax_number(plan.issuer),
        "StandardComponentId": plan.component,
        "PlanMarketingName": f"{name} Dental" if is_dental else name,
        "HIOSProductId": plan.component[:10],
        "NetworkId": f"{plan.state}N{1 + plan.number % 4:03d}",
        "ServiceAreaId": f"{plan.state}S{1 + plan.number % 3:03d}",
        "FormularyId": "" if is_dental else f"{plan.state}F{1 + plan.number % 5:03d}",
        "IsNewPlan": choose(("New", "Existing", "Existing"), plan.component, plan.year, "new"),
        "PlanType": plan_type,
        "MetalLevel": plan.metal,
        "UniquePlanDesign": "No",
        "QHPNonQHPTypeId": choose(("Both", "On the Exchange", "Off the Exchange"), plan.component, "exchange"),
        "ChildOnlyOffering": "Allows Adult and Child-Only",
        "IsGuaranteedRate": "Estimated Rate" if is_dental else "Guaranteed Rate",
        **_coverage(plan),
        "URLForEnrollmentPayment": f"{site}/pay",
        "FormularyURL": "" if is_dental else f"{site}/drugs",
        "PlanId": f"{plan.component}-{variant:02d}",
        "CSRVariationType": _variation(plan.metal, variant),
        "MultipleInNetworkTiers": "No",
        **_cost_sharing(plan, variant),
        "URLForSummaryofBenefitsCoverage": f"{site}/summary/{plan.component}-{variant:02d}",
        "PlanBrochure": f"{site}/brochure",
        "RowNumber": str(4 + plan.number % 200),
    }


def _coverage(plan: Plan) -> dict[str, str]:
    """When and where a plan covers."""
    return {
        "PlanEffictiveDate": day(date(plan.year, 1, 1), plan.year),
        "PlanExpirationDate": day(date(plan.year, 12, 31), plan.year),
        "OutOfCountryCoverage": choose(("No", "Yes"), plan.component, "abroad"),
        "OutOfServiceAreaCoverage": choose(("No", "Yes"), plan.component, "outside"),
        "NationalNetwork": choose(("No", "No", "Yes"), plan.component, "national"),
    }


def _cost_sharing(plan: Plan, variant: int) -> dict[str, str]:
    """Deductible and maximum out of pocket; dental plans name theirs elsewhere."""
    level = SILVER_LEVELS.get(variant, ACTUARIAL_VALUE[plan.metal])
    if plan.metal not in DEDUCTIBLE:
        own = dict.fromkeys(("one", "family", "most", "most_family"), "Not Applicable")
        coinsurance, eligible = "", "No"
    else:
        relief = 0.0 if variant == 2 else {4: 0.8, 5: 0.25, 6: 0.08}.get(variant, 1.0)
        sway = 0.7 + 0.6 * chance(plan.component, "deductible")
        deductible = round(DEDUCTIBLE[plan.metal] * relief * sway / 50) * 50
        most = max(deductible, round(MOOP[plan.metal] * (relief + 1) / 2 / 50) * 50 if relief else 0)
        own = {
            "one": f"${deductible:,}",
            "family": f"${2 * deductible} per group",
            "most": f"${most:,}",
            "most_family": f"${2 * most} per group",
        }
        coinsurance = "0%" if variant == 2 else f"{100 - level}%"
        eligible = "Yes" if plan.metal == "Bronze" and plan.number % 3 == 0 else "No"
    return {
        "IssuerActuarialValue": f"{level + chance(plan.component, variant, 'value'):.2f}%",
        "MedicalDrugDeductiblesIntegrated": "" if plan.metal not in DEDUCTIBLE else "Yes",
        "MedicalDrugMaximumOutofPocketIntegrated": "" if plan.metal not in DEDUCTIBLE else "Yes",
        "TEHBInnTier1IndividualMOOP": own["most"],
        "TEHBInnTier1FamilyPerGroupMOOP": own["most_family"],
        "TEHBDedInnTier1Individual": own["one"],
        "TEHBDedInnTier1FamilyPerGroup": own["family"],
        "TEHBDedInnTier1Coinsurance": coinsurance,
        "IsHSAEligible": eligible,
    }


def _variation(metal: str, variant: int) -> str:
    if variant in SILVER_LEVELS:
        return f"{SILVER_LEVELS[variant]}% AV Level Silver Plan"
    return {
        0: f"Standard {metal} Off Exchange Plan",
        1: f"Standard {metal} On Exchange Plan",
        2: "Zero Cost Sharing Plan Variation",
        3: "Limited Cost Sharing Plan Variation",
    }[variant]
