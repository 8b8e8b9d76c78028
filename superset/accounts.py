"""Superset's users and the role of those who only look."""

from typing import Any

from werkzeug.security import check_password_hash, generate_password_hash

VIEWER_ROLE = "Viewer"

# Read dashboards, charts and the data behind them, keep one's own filter choice, share it by link. No write, no SQL.
VIEWER_PERMISSIONS = (
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_read", "Dataset"),
    ("can_read", "CssTemplate"),
    ("can_read", "Theme"),
    ("can_read", "EmbeddedDashboard"),
    ("can_read", "CurrentUserRestApi"),
    ("can_read", "SecurityRestApi"),
    ("can_read", "Annotation"),
    ("can_dashboard", "Superset"),
    ("can_slice", "Superset"),
    ("can_explore_json", "Superset"),
    ("can_csv", "Superset"),
    ("can_log", "Superset"),
    ("can_dashboard_permalink", "Superset"),
    ("can_share_dashboard", "Superset"),
    ("can_share_chart", "Superset"),
    ("can_view_chart_as_table", "Dashboard"),
    ("can_get", "Datasource"),
    ("can_time_range", "Api"),
    ("can_query", "Api"),
    ("can_query_form_data", "Api"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_read", "DashboardPermalinkRestApi"),
    ("can_write", "DashboardPermalinkRestApi"),
    ("can_read", "ExplorePermalinkRestApi"),
    ("can_recent_activity", "Log"),
    ("menu_access", "Home"),
    ("menu_access", "Dashboards"),
    ("can_userinfo", "UserDBModelView"),
)


def ensure_accounts(admin_password: str, viewer_password: str) -> tuple[Any, bool]:
    """The users admin and viewer with these passwords and roles; returns admin, and whether anything changed."""
    from superset import db, security_manager  # noqa: PLC0415

    viewer_role = security_manager.find_role(VIEWER_ROLE) or security_manager.add_role(VIEWER_ROLE)
    admin_changed = ensure_user("admin", admin_password, security_manager.find_role("Admin"))
    viewer_changed = ensure_user("viewer", viewer_password, viewer_role)
    db.session.commit()
    return security_manager.find_user("admin"), admin_changed or viewer_changed


def ensure_user(name: str, password: str, role: Any) -> bool:
    """Whether the user had to be made, or given this password or this one role."""
    from superset import security_manager  # noqa: PLC0415

    user = security_manager.find_user(name)
    if user is None:
        made = security_manager.add_user(
            name, name.capitalize(), "Millrace", f"{name}@millrace.invalid", role, password
        )
        if not made:
            raise RuntimeError(f"Superset did not make its user {name}; its log says why.")
        return True
    same_password = check_password_hash(user.password, password)
    if same_password and user.roles == [role]:
        return False
    if not same_password:
        user.password = generate_password_hash(password)
    user.roles = [role]
    return True


def ensure_viewer_role(dataset_uuids: list[str]) -> bool:
    """Give the role exactly VIEWER_PERMISSIONS and our datasets; whether that changed it.

    Not the database: who has that may ask any table of it, and what columns there are.
    """
    from superset.connectors.sqla.models import SqlaTable  # noqa: PLC0415

    from superset import db, security_manager  # noqa: PLC0415

    datasets = db.session.query(SqlaTable).filter(SqlaTable.uuid.in_(dataset_uuids))
    pairs = [*VIEWER_PERMISSIONS, *(("datasource_access", dataset.perm) for dataset in datasets)]
    wanted = [security_manager.add_permission_view_menu(*pair) for pair in pairs]
    role = security_manager.find_role(VIEWER_ROLE)
    if set(role.permissions) == set(wanted):
        return False
    role.permissions = wanted
    db.session.commit()
    return True
