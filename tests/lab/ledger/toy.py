"""Two small feeds that exist in the scratch database only: one of each mode, with rollups that have every hard part."""

from millrace.contract.contract import Contract

DRAWS = Contract.model_validate(
    {
        "feed": "toy_draw",
        "title": "Draws",
        "description": "Draws of a lottery, appended",
        "family": "toy",
        "mode": "append",
        "columns": [
            {"from": "City", "name": "city", "type": "varchar(20)", "comment": "Where"},
            {"from": "Number", "name": "number", "type": "int", "required": True, "comment": "What was drawn"},
            {"from": "Prize", "name": "prize", "type": "decimal(10,2)", "comment": "Euro"},
        ],
        "rollups": [
            {
                "name": "toy_draw_by_city",
                "comment": "Draws per city and ten numbers",
                "by": ["city", {"name": "tens", "type": "int", "sql": "FLOOR(number / 10)", "comment": "Tens"}],
                "where": "number <> 99",
                "measures": [
                    {"name": "draws", "type": "bigint", "sum": "1", "comment": "Draws"},
                    {"name": "prize_sum", "type": "decimal(20,2)", "sum": "prize", "comment": "Euro"},
                ],
            }
        ],
    }
)

PLANS = Contract.model_validate(
    {
        "feed": "toy_plan",
        "title": "Plans",
        "description": "Plans, the newest version of each",
        "family": "toy",
        "mode": "upsert",
        "key": ["plan"],
        "newest_by": "changed_on",
        "columns": [
            {"from": "Plan", "name": "plan", "type": "varchar(20)", "required": True, "comment": "Its name"},
            {
                "from": "Changed",
                "name": "changed_on",
                "type": "date",
                "required": True,
                "formats": ["yyyy-MM-dd"],
                "comment": "The publisher's date",
            },
            {"from": "Kind", "name": "kind", "type": "varchar(20)", "comment": "Kind"},
            {"from": "Price", "name": "price", "type": "decimal(10,2)", "comment": "Euro"},
        ],
        "rollups": [
            {
                "name": "toy_plan_by_kind",
                "comment": "Plans per kind",
                "by": ["kind"],
                "measures": [
                    {"name": "plans", "type": "bigint", "sum": "1", "comment": "Plans"},
                    {"name": "price_sum", "type": "decimal(20,2)", "sum": "price", "comment": "Euro"},
                ],
            }
        ],
    }
)

TOYS = {contract.feed: contract for contract in (DRAWS, PLANS)}
